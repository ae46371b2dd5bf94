import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { makeQueryClient } from "../app/queries";
import { FirstRun, tidyCode } from "./FirstRun";
import { Forgot } from "./Forgot";
import { nextAddress } from "./next";
import { emailFault, passwordRules, strength } from "./password";
import { Register } from "./Register";
import { Reset } from "./Reset";
import { SecretLink } from "./SecretLink";
import { SignIn } from "./SignIn";

type Answer = (body: Record<string, unknown>) => [status: number, body: unknown];

/** A server that answers by "METHOD /path" and remembers what it was sent. */
function serve(answers: Record<string, Answer>): Record<string, unknown>[] {
  const sent: Record<string, unknown>[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { method } = request;
    const text = await request.text();
    const asked = text ? (JSON.parse(text) as Record<string, unknown>) : {};
    if (method !== "GET") sent.push(asked);
    const path = new URL(request.url).pathname;
    const [status, answer] = answers[`${method} ${path}`]?.(asked) ?? [404, { title: "nothing here" }];
    return new Response(status === 204 ? null : JSON.stringify(answer), { status });
  });
  return sent;
}

function show(page: React.ReactElement): void {
  render(<QueryClientProvider client={makeQueryClient()}>{page}</QueryClientProvider>);
}

const problem = (slug: string, more = {}) => ({ type: `urn:autograph:problem:${slug}`, title: "No.", ...more });

afterEach(() => {
  vi.unstubAllGlobals();
  history.replaceState(null, "", "/");
});

describe("signing in", () => {
  const needed = { "GET /api/auth/first-run": (): [number, unknown] => [200, { needed: false, registration: "invited" }] };

  it("asks for a cookie, keeps no token and goes back to where one came from", async () => {
    history.replaceState(null, "", "/sign-in?next=%2Fd%2F42");
    const sent = serve({ ...needed, "POST /api/auth/login": () => [200, { user: { id: "u" } }] });
    show(<SignIn />);
    await userEvent.type(screen.getByLabelText("Email"), "mara@harbour.example");
    await userEvent.type(screen.getByLabelText("Password"), "a long password{Enter}");
    await waitFor(() => expect(location.pathname).toBe("/d/42"));
    expect(sent).toEqual([{ email: "mara@harbour.example", password: "a long password", remember_me: true, cookie: true }]);
    expect(Object.keys(localStorage)).toEqual([]);
  });

  it("says what to do about wrong credentials and keeps the address", async () => {
    serve({ ...needed, "POST /api/auth/login": () => [401, problem("wrong-credentials")] });
    show(<SignIn />);
    await userEvent.type(screen.getByLabelText("Email"), "mara@harbour.example");
    await userEvent.type(screen.getByLabelText("Password"), "wrong{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("do not belong together");
    expect(screen.getByLabelText<HTMLInputElement>("Email").value).toBe("mara@harbour.example");
    expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("");
  });

  it("offers the providers, and says why one of them led back here", async () => {
    history.replaceState(null, "", "/sign-in?problem=no-account");
    serve({ ...needed, "GET /api/auth/providers": () => [200, { items: [{ id: "company", name: "Harbour" }] }] });
    show(<SignIn />);
    const link = await screen.findByRole("link", { name: "Continue with Harbour" });
    expect(link.getAttribute("href")).toBe("/api/auth/oidc/start?provider=company&remember_me=true");
    expect(screen.getByRole("alert").textContent).toContain("no account for you");
  });

  it("sends nothing while a field is empty", async () => {
    const sent = serve(needed);
    show(<SignIn />);
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(screen.getByText("Enter your email address")).toBeTruthy();
    expect(sent).toEqual([]);
  });
});

describe("getting back in", () => {
  it("asks for a link and says the same for every address", async () => {
    const sent = serve({ "POST /api/auth/password-reset/request": () => [202, { must_verify: false }] });
    show(<Forgot />);
    await userEvent.type(screen.getByLabelText("Email"), "mara@harbour.example{Enter}");
    expect((await screen.findByRole("status")).textContent).toContain("If mara@harbour.example has an account");
    expect(sent).toEqual([{ email: "mara@harbour.example" }]);
  });

  it("sends what stands behind the # of a link, and nothing before the button", async () => {
    history.replaceState(null, "", "/verify#the-secret");
    const sent = serve({ "POST /api/auth/email/verify": () => [204, null] });
    show(<SecretLink purpose="verify" />);
    expect(sent).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Confirm address" }));
    expect((await screen.findByRole("status")).textContent).toContain("confirmed");
    expect(sent).toEqual([{ token: "the-secret" }]);
  });

  it("shows why a password is refused, and offers a new link when this one is worthless", async () => {
    history.replaceState(null, "", "/reset#the-secret");
    const answers: [number, unknown][] = [[422, problem("invalid", { errors: [{ field: "password", message: "is too easy to guess" }] })], [403, problem("link-worthless")]];
    serve({ "POST /api/auth/password-reset/confirm": () => answers.shift() ?? [500, {}] });
    show(<Reset />);
    await userEvent.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("too easy to guess");
    await userEvent.type(screen.getByLabelText("Password"), " battery{Enter}");
    expect(await screen.findByRole("link", { name: "Ask for a new link" })).toBeTruthy();
  });
});

describe("making an account", () => {
  it("names every fault at its field, then says to look at the mail", async () => {
    const sent = serve({ "POST /api/auth/register": () => [201, { must_verify: true }] });
    show(<Register />);
    await userEvent.click(screen.getByRole("button", { name: "Create account" }));
    expect(screen.getByText("Enter your name")).toBeTruthy();
    expect(screen.getByText("Enter an email address")).toBeTruthy();
    expect(sent).toEqual([]);
    await userEvent.type(screen.getByLabelText("Name"), "Mara Lind");
    await userEvent.type(screen.getByLabelText("Email"), "mara@harbour.example");
    await userEvent.type(screen.getByLabelText("Password"), "correct horse battery{Enter}");
    expect((await screen.findByRole("status")).textContent).toContain("mara@harbour.example");
    expect(sent).toEqual([{ name: "Mara Lind", email: "mara@harbour.example", password: "correct horse battery" }]);
  });
});

describe("where one goes after signing in", () => {
  it("is a place of this site and never another", () => {
    expect(nextAddress("?next=%2Fd%2F42%3Fa%3D1")).toBe("/d/42?a=1");
    expect(nextAddress("")).toBe("/");
    for (const evil of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"]) {
      expect(nextAddress(`?next=${encodeURIComponent(evil)}`)).toBe("/");
    }
  });
});

describe("the first run", () => {
  const state: Answer = () => [200, { needed: true }];
  const known: Answer = () => [204, undefined];

  it("makes the administrator with the code of the link", async () => {
    history.replaceState(null, "", "/first-run#4f7k92qdhx3m");
    const sent = serve({ "GET /api/auth/first-run": state, "POST /api/auth/first-run/check": known, "POST /api/auth/first-run": () => [201, { user: { id: "u" } }] });
    show(<FirstRun />);
    expect(await screen.findByText("Valid")).toBeTruthy();
    await userEvent.type(screen.getByLabelText("Name"), "Mara Lind");
    await userEvent.type(screen.getByLabelText("Email"), "mara@harbour.example");
    await userEvent.type(screen.getByLabelText("Password"), "correct horse battery{Enter}");
    await waitFor(() => expect(location.pathname).toBe("/"));
    expect(sent).toEqual([{ code: "4F7K-92QD-HX3M" }, { code: "4F7K-92QD-HX3M", email: "mara@harbour.example", name: "Mara Lind", password: "correct horse battery" }]);
  });

  it("shows what the server says about a field at that field", async () => {
    history.replaceState(null, "", "/first-run#4f7k92qdhx3m");
    const refusal = problem("invalid", { errors: [{ field: "password", message: "is one of the first that a guesser tries" }] });
    serve({ "GET /api/auth/first-run": state, "POST /api/auth/first-run/check": known, "POST /api/auth/first-run": () => [422, refusal] });
    show(<FirstRun />);
    await userEvent.type(await screen.findByLabelText("Name"), "Mara Lind");
    await userEvent.type(screen.getByLabelText("Email"), "mara@harbour.example");
    await userEvent.type(screen.getByLabelText("Password"), "harbour-2026{Enter}");
    expect((await screen.findByText(/guesser tries/u)).closest(".fault")).toBeTruthy();
    expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBe("true");
  });

  it("says so when the administrator exists already", async () => {
    serve({ "GET /api/auth/first-run": () => [200, { needed: false }] });
    show(<FirstRun />);
    expect(await screen.findByText("The administrator exists already")).toBeTruthy();
  });

  it("groups the code while it is typed", () => {
    expect(tidyCode("4f7k 92qd-hx3m extra")).toBe("4F7K-92QD-HX3M");
    expect(tidyCode("4f7")).toBe("4F7");
    expect(tidyCode("")).toBe("");
  });
});

describe("what the form says about a password", () => {
  const broken = (password: string) => passwordRules(password, "Mara Lind", "mara@harbour.example").filter((rule) => rule.required && !rule.met).map((rule) => rule.text);

  it("names each rule that is not met", () => {
    expect(broken("short")).toEqual(["At least 8 characters"]);
    expect(broken("Password123!")).toEqual(["Not an obvious one"]);
    expect(broken("aaaaaaaaaaaa")).toEqual(["Not an obvious one"]);
    expect(broken("maralind")).toEqual(["Not your name or email"]);
    expect(broken("mara@harbour.example")).toEqual(["Not your name or email"]);
    expect(broken("correct horse")).toEqual([]);
  });

  it("grows with the length", () => {
    expect(strength(passwordRules("correct horse battery", "M", "m@x.yz"))).toBe(4);
    expect(strength(passwordRules("", "M", "m@x.yz"))).toBe(0);
  });
});

describe("what the form says about an address", () => {
  it("names the fix", () => {
    expect(emailFault("")).toBe("Enter an email address");
    expect(emailFault("mara")).toBe("Add @ and the domain");
    expect(emailFault("@harbour.example")).toBe("Add the part before @");
    expect(emailFault("mara@")).toBe("Add the domain after @");
    expect(emailFault("mara@harbour")).toBe("Add the domain’s ending");
    expect(emailFault("mara@a@b.example")).toBe("Use one @ and no spaces");
    expect(emailFault(" mara.lind@harbour.example ")).toBeUndefined();
  });
});
