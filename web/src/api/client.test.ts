import { afterEach, describe, expect, it, vi } from "vitest";
import { address, answered, api, onSignedOut } from "./client";
import { isProblem, ProblemError } from "./problem";

function answer(status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  vi.stubGlobal("fetch", vi.fn(async () => new Response(text, { status, headers })));
}

async function failureOf(promise: Promise<unknown>): Promise<ProblemError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (!(error instanceof ProblemError)) throw new Error("no problem was thrown");
  return error;
}

const one = () => answered(api.GET("/api/diagrams/{document_id}", { params: { path: { document_id: "1" } } }));

afterEach(() => vi.unstubAllGlobals());

describe("an address", () => {
  it("leaves out what is not given and escapes the rest", () => {
    expect(address("/api/diagrams", { page: 2, q: "a & b", file_type: undefined, sort_by: "" })).toBe("/api/diagrams?page=2&q=a+%26+b");
  });
});

describe("asking the server", () => {
  it("sends JSON with the session cookie and no token", async () => {
    answer(200, { id: "d1" });
    await answered(api.POST("/api/diagrams", { body: { title: "Shop" } }));
    const sent = vi.mocked(fetch).mock.calls[0]?.[0] as Request;
    expect(sent.credentials).toBe("same-origin");
    expect(await sent.text()).toBe('{"title":"Shop"}');
    expect(sent.headers.has("authorization")).toBe(false);
  });

  it("takes an empty answer for nothing", async () => {
    answer(204, undefined);
    await expect(answered(api.POST("/api/auth/logout"))).resolves.toBeUndefined();
  });

  it("throws a refusal as the problem it is, with its correlation ID and fields", async () => {
    answer(409, { type: "urn:autograph:problem:version-conflict", title: "Someone was first.", detail: "Version 4 is there.", current_version: 4 }, { "x-correlation-id": "abc-12345" });
    const problem = await failureOf(one());
    expect(problem).toMatchObject({ status: 409, slug: "version-conflict", message: "Version 4 is there.", correlationId: "abc-12345" });
    expect(problem.members["current_version"]).toBe(4);
    expect(isProblem(problem, "version-conflict")).toBe(true);
    expect(isProblem(problem, "not-found")).toBe(false);
  });

  it("finds the message of one field, however deep its name", async () => {
    answer(422, { type: "urn:autograph:problem:invalid", title: "x", errors: [{ field: "body.title", message: "too long" }] });
    const problem = await failureOf(one());
    expect(problem.of("title")).toBe("too long");
    expect(problem.of("code")).toBeUndefined();
  });

  it("survives an error page that is no problem document", async () => {
    answer(502, "<html>Bad gateway</html>");
    expect(await failureOf(one())).toMatchObject({ status: 502, slug: "about:blank" });
  });

  it("says that the server cannot be reached when no answer comes", async () => {
    vi.stubGlobal("fetch", vi.fn(async () => Promise.reject(new TypeError("Failed to fetch"))));
    expect(await failureOf(one())).toMatchObject({ status: 0, slug: "unreachable" });
  });

  it("tells listeners that nobody is signed in, but not about a wrong password", async () => {
    const heard = vi.fn();
    const stop = onSignedOut(heard);
    answer(401, { type: "urn:autograph:problem:wrong-credentials", title: "x" });
    await failureOf(one());
    expect(heard).not.toHaveBeenCalled();
    answer(401, { type: "urn:autograph:problem:unauthenticated", title: "x" });
    await failureOf(one());
    expect(heard).toHaveBeenCalledTimes(1);
    stop();
    await failureOf(one());
    expect(heard).toHaveBeenCalledTimes(1);
  });
});
