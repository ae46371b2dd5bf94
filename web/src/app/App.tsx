/** The page: which address shows what, and what stands around all of it. */
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useState, type MouseEvent, type ReactElement } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { resumeNext } from "../account/next";
import { focusHeading, PageTitleAloud, Toasts } from "../ui";
import { ErrorBoundary } from "./ErrorBoundary";
import { KeySheet } from "./KeySheet";
import { NotFound } from "./NotFound";
import { Offline } from "./Offline";
import { makeQueryClient } from "./queries";
import { SignedIn } from "./SignedIn";
import { Waiting } from "./Waiting";

const parts = {
  account: () => import("../account"),
  library: () => import("../library"),
  editor: () => import("../editor"),
  ops: () => import("../ops"),
  settings: () => import("../settings"),
};

const SignIn = lazy(() => parts.account().then((part) => ({ default: part.SignIn })));
const FirstRun = lazy(() => parts.account().then((part) => ({ default: part.FirstRun })));
const Register = lazy(() => parts.account().then((part) => ({ default: part.Register })));
const Forgot = lazy(() => parts.account().then((part) => ({ default: part.Forgot })));
const Reset = lazy(() => parts.account().then((part) => ({ default: part.Reset })));
const SecretLink = lazy(() => parts.account().then((part) => ({ default: part.SecretLink })));
const Invitation = lazy(() => parts.account().then((part) => ({ default: part.Invitation })));
const Library = lazy(() => parts.library().then((part) => ({ default: part.Library })));
const EditorPage = lazy(() => parts.editor().then((part) => ({ default: part.EditorPage })));
const Settings = lazy(() => parts.settings().then((part) => ({ default: part.Settings })));
const Operations = lazy(() => parts.ops().then((part) => ({ default: part.Operations })));

resumeNext();

// The part that this address needs is fetched while the server is asked who is here.
const needed = { "/": parts.library, "/trash": parts.library, "/sign-in": parts.account, "/first-run": parts.account, "/invitation": parts.account }[location.pathname];
const early = location.pathname.startsWith("/d/") ? parts.editor : location.pathname.startsWith("/settings") ? parts.settings : location.pathname.startsWith("/operations") ? parts.ops : needed;
early?.().catch(() => undefined);

function toContent(event: MouseEvent): void {
  event.preventDefault();
  focusHeading();
}

export function App(): ReactElement {
  const [client] = useState(makeQueryClient);
  const [path] = useLocation();

  return (
    <QueryClientProvider client={client}>
      {/* The address stays: behind its # may be the secret of a link. */}
      <a className="skip" href="#content" onClick={toContent}>
        Skip to the content
      </a>
      <Offline />
      <ErrorBoundary resetKey={path}>
        <Suspense fallback={<Waiting />}>
          <Switch>
            <Route path="/sign-in" component={SignIn} />
            <Route path="/first-run" component={FirstRun} />
            <Route path="/register" component={Register} />
            <Route path="/forgot" component={Forgot} />
            <Route path="/reset" component={Reset} />
            <Route path="/verify">{() => <SecretLink purpose="verify" />}</Route>
            <Route path="/unlock">{() => <SecretLink purpose="unlock" />}</Route>
            <Route path="/email">{() => <SecretLink purpose="email" />}</Route>
            <Route path="/invitation" component={Invitation} />
            <Route path="/">
              <SignedIn>{({ user }) => <Library place="all" me={user} />}</SignedIn>
            </Route>
            <Route path="/trash">
              <SignedIn>{({ user }) => <Library place="trash" me={user} />}</SignedIn>
            </Route>
            <Route path="/d/:id">
              {({ id }) => <SignedIn>{() => <EditorPage documentId={id} key={id} />}</SignedIn>}
            </Route>
            <Route path="/operations/:name?/:item?">
              {({ name, item }) => <SignedIn>{({ user }) => <Operations me={user} name={name ?? ""} item={item} />}</SignedIn>}
            </Route>
            <Route path="/settings/:name?">
              {({ name }) => <SignedIn>{({ user }) => <Settings me={user} name={name ?? "profile"} />}</SignedIn>}
            </Route>
            <Route path="/library">
              <Redirect to="/" replace />
            </Route>
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </ErrorBoundary>
      <KeySheet />
      <Toasts />
      <PageTitleAloud />
    </QueryClientProvider>
  );
}
