import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { makeQueryClient } from "../app/queries";
import { Invitation } from "./Invitation";
import { SignIn } from "./SignIn";

type Answer = [status: number, body: unknown];

/** A server that answers by "METHOD /path", in turn, and remembers what it was sent. */
function serve(answers: Record<string, Answer[]>): [path: string, sent: Record<string, unknown>][] {
  const sent: [string, Record<string, unknown>][] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    const text = await request.text();
    if (request.method !== "GET") sent.push([path, text ? (JSON.parse(text) as Record<string, unknown>) : {}]);
    const queue = answers[`${request.method} ${path}`] ?? [];
    const [status, body] = (queue.length > 1 ? queue.shift() : queue[0]) ?? [404, { title: "nothing here" }];
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  });
  return sent;
}

const problem = (slug: string, title = "No.") => ({ type: `urn:autograph:problem:${slug}`, title });
const FIRST: Answer[] = [[200, { needed: false, registration: "invited" }]];
const step = (methods: string[], expires_in = 300): Answer[] => [[200, { mfa_required: true, mfa_token: "half-way", methods, expires_in }]];

function show(page: React.ReactElement): void {
  render(<QueryClientProvider client={makeQueryClient()}>{page}</QueryClientProvider>);
}

async function firstHalf(): Promise<void> {
  show(<SignIn />);
  await userEvent.type(screen.getByLabelText("Email"), "mara@harbour.example");
  await userEvent.type(screen.getByLabelText("Password"), "a long password{Enter}");
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  sessionStorage.clear();
  history.replaceState(null, "", "/");
});

describe("the second step", () => {
  it("goes with the token of the first, keeps nothing, and goes on to where one was going", async () => {
    history.replaceState(null, "", "/sign-in?next=%2Fd%2F42");
    const sent = serve({ "GET /api/auth/first-run": FIRST, "POST /api/auth/login": step(["totp", "backup_code"]), "POST /api/auth/mfa/verify": [[401, problem("wrong-code", "This code is wrong.")], [200, { user: { id: "u" } }]] });
    await firstHalf();
    await userEvent.type(await screen.findByLabelText("Code"), "111111{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("This code is wrong.");
    expect(screen.getByLabelText<HTMLInputElement>("Code").value).toBe("");
    await userEvent.type(screen.getByLabelText("Code"), "123 456{Enter}");
    await waitFor(() => expect(location.pathname).toBe("/d/42"));
    expect(sent.at(-1)).toEqual(["/api/auth/mfa/verify", { mfa_token: "half-way", code: "123 456" }]);
    expect([Object.keys(localStorage), Object.keys(sessionStorage)]).toEqual([[], []]);
  });

  it("offers what the account has, and this browser knows", async () => {
    serve({ "GET /api/auth/first-run": FIRST, "POST /api/auth/login": step(["passkey"]) });
    await firstHalf();
    expect(await screen.findByText(/this browser cannot show one/u)).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Use passkey" })).toBeNull();
  });

  it("that a provider has begun is asked for once, and begun again where that is too late", async () => {
    history.replaceState(null, "", "/sign-in?step=second");
    const sent = serve({ "GET /api/auth/first-run": FIRST, "POST /api/auth/oidc/second": [[403, problem("sign-in-worthless")]] });
    show(<SignIn />);
    expect((await screen.findByRole("alert")).textContent).toContain("Begin again");
    expect(sent.filter(([path]) => path.endsWith("second"))).toHaveLength(1);
  });

  it("ends by the clock, and the address stays", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    serve({ "GET /api/auth/first-run": FIRST, "POST /api/auth/login": step(["totp"], 60) });
    await firstHalf();
    await screen.findByLabelText("Code");
    act(() => void vi.advanceTimersByTime(60_001));
    expect((await screen.findByRole("alert")).textContent).toContain("took too long");
    expect(screen.getByLabelText<HTMLInputElement>("Email").value).toBe("mara@harbour.example");
  });
});

describe("setting a second factor up on the way in", () => {
  const key = { secret: "JBSWY3DPEHPK3PXP", otpauth_uri: "otpauth://totp/x", qr_svg: "<svg/>" };

  it("shows the codes before it opens anything", async () => {
    history.replaceState(null, "", "/sign-in");
    const done = { backup_codes: ["aaaaa-bbbbb"], signed_in: { user: { id: "u", email: "mara@harbour.example" } } };
    serve({ "GET /api/auth/first-run": FIRST, "POST /api/auth/login": step([]), "POST /api/auth/mfa/enrol/setup": [[200, key]], "POST /api/auth/mfa/enrol/enable": [[200, done]] });
    await firstHalf();
    expect((await screen.findByLabelText("Key for the app")).textContent).toBe("JBSW Y3DP EHPK 3PXP");
    await userEvent.type(screen.getByLabelText("Code that the app shows now"), "123456{Enter}");
    expect(await screen.findByText("aaaaa-bbbbb")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Open AutoGraph" }));
    expect(location.pathname).toBe("/sign-in");
    await userEvent.click(screen.getByLabelText(/I have put them/u));
    await userEvent.click(screen.getByRole("button", { name: "Open AutoGraph" }));
    await waitFor(() => expect(location.pathname).toBe("/"));
  });

  it("leads back when it was done elsewhere meanwhile", async () => {
    serve({ "GET /api/auth/first-run": FIRST, "POST /api/auth/login": step([]), "POST /api/auth/mfa/enrol/setup": [[409, problem("mfa-enabled")]] });
    await firstHalf();
    expect((await screen.findByRole("alert")).textContent).toContain("set up meanwhile");
    expect(screen.getByLabelText("Password")).toBeTruthy();
  });
});

describe("an invitation", () => {
  const seen = { email: null, inviter: "Mara Lind", role: "editor", team: null, team_role: null, expires_at: "2026-12-01T00:00:00Z", can_register: true };
  const stranger: Answer[] = [[401, problem("unauthenticated")]];

  it("goes with the new account, which is signed in at once where its address is proven", async () => {
    history.replaceState(null, "", "/invitation#the-secret");
    const sent = serve({ "GET /api/auth/me": stranger, "POST /api/auth/invitations/look": [[200, { ...seen, email: "rosa@harbour.example" }]], "POST /api/auth/register": [[201, { must_verify: false }]], "POST /api/auth/login": [[200, { user: { id: "u" } }]] });
    show(<Invitation />);
    await userEvent.type(await screen.findByLabelText("Name"), "Rosa Stern");
    await userEvent.type(screen.getByLabelText("Password"), "correct horse battery{Enter}");
    await waitFor(() => expect(location.pathname).toBe("/"));
    expect(sent.map(([path]) => path)).toEqual(["/api/auth/invitations/look", "/api/auth/register", "/api/auth/login"]);
    expect(sent[1]?.[1]).toEqual({ name: "Rosa Stern", email: "rosa@harbour.example", password: "correct horse battery", invitation: "the-secret" });
  });

  it("is kept in this tab alone while one signs in, and never in an address", async () => {
    history.replaceState(null, "", "/invitation#the-secret");
    serve({ "GET /api/auth/me": stranger, "POST /api/auth/invitations/look": [[200, { ...seen, can_register: false }]] });
    show(<Invitation />);
    await userEvent.click(await screen.findByRole("link", { name: "Sign in" }));
    expect(location.href).not.toContain("the-secret");
    const kept = [...Object.values(sessionStorage), ...Object.values(localStorage)] as string[];
    expect(kept.map((one) => JSON.parse(one) as unknown)).toEqual([{ secret: "the-secret", team: null }]);
  });

  it("that leads nowhere asks nobody who they are", async () => {
    history.replaceState(null, "", "/invitation");
    sessionStorage.removeItem("autograph.invitation");
    const asked = vi.fn();
    vi.stubGlobal("fetch", asked);
    show(<Invitation />);
    expect(await screen.findByText("This invitation leads nowhere")).toBeTruthy();
    expect(asked.mock.calls.map(([request]) => new URL((request as Request).url).pathname).filter((path) => path.startsWith("/api/auth"))).toEqual([]);
  });
});
