import { afterEach, describe, expect, it, vi } from "vitest";
import { codesFile, inFours } from "./codes";
import { forgetNext, nextAddress, rememberNext, resumeNext } from "./next";
import { canUsePasskeys, creationOptions, makePasskey, passkeyFault, requestOptions, showPasskey, toBytes, toText } from "./passkey";

const bytes = (...numbers: number[]) => Uint8Array.from(numbers);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  sessionStorage.clear();
  history.replaceState(null, "", "/");
});

/** A browser that knows passkeys, but no JSON. */
function oldBrowser(response: Record<string, unknown>) {
  class PublicKeyCredential {
    id = "AQI";
    rawId = bytes(1, 2).buffer;
    type = "public-key";
    response = response;
  }
  const asked: Record<string, unknown>[] = [];
  const answer = async (options: Record<string, unknown>) => {
    asked.push(options["publicKey"] as Record<string, unknown>);
    return new PublicKeyCredential();
  };
  vi.stubGlobal("PublicKeyCredential", PublicKeyCredential);
  vi.stubGlobal("navigator", { credentials: { create: answer, get: answer } });
  return asked;
}

describe("bytes as WebAuthn writes them", () => {
  it("are base64url without padding, there and back", () => {
    for (const [plain, text] of [
      [bytes(), ""],
      [bytes(0), "AA"],
      [bytes(251, 255, 254), "-__-"],
      [bytes(1, 2, 3, 4), "AQIDBA"],
    ] as const) {
      expect(toText(plain.buffer)).toBe(text);
      expect([...toBytes(text)]).toEqual([...plain]);
    }
  });

  it("are what a browser that reads no JSON is asked with", () => {
    const made = creationOptions({ challenge: "AQI", rp: { name: "AutoGraph", id: "x.example" }, user: { id: "Aw", name: "a@x.example", displayName: "A" }, pubKeyCredParams: [], excludeCredentials: [{ id: "-_8", type: "public-key" }] });
    expect([...(made.challenge as Uint8Array)]).toEqual([1, 2]);
    expect([...(made.user.id as Uint8Array)]).toEqual([3]);
    expect([...(made.excludeCredentials?.[0]?.id as Uint8Array)]).toEqual([251, 255]);
    expect(requestOptions({ challenge: "AQI" }).allowCredentials).toEqual([]);
  });
});

describe("a browser without JSON", () => {
  it("makes and shows a passkey all the same", async () => {
    const data = { clientDataJSON: bytes(1).buffer, attestationObject: bytes(2).buffer, getTransports: () => ["usb"] };
    oldBrowser(data);
    const made = await makePasskey({ challenge: "AQI", rp: {}, user: { id: "Aw" } });
    expect(made).toEqual({ id: "AQI", rawId: "AQI", type: "public-key", response: { clientDataJSON: "AQ", attestationObject: "Ag", transports: ["usb"] } });
    const asked = oldBrowser({ clientDataJSON: bytes(1).buffer, authenticatorData: bytes(2).buffer, signature: bytes(3).buffer, userHandle: null });
    const shown = await showPasskey({ challenge: "AQI", allowCredentials: [{ id: "AQ", type: "public-key" }] });
    expect(shown.response).toEqual({ clientDataJSON: "AQ", authenticatorData: "Ag", signature: "Aw", userHandle: null });
    expect(asked[0]?.["allowCredentials"]).toEqual([{ id: bytes(1), type: "public-key" }]);
  });

  it("that knows no passkeys at all is told apart", () => {
    expect(canUsePasskeys()).toBe(false);
  });
});

describe("why there was no passkey", () => {
  it("is said in words, whatever the browser calls it", () => {
    expect(passkeyFault(new DOMException("", "NotAllowedError"))).toContain("No passkey was used");
    expect(passkeyFault(new DOMException("", "InvalidStateError"))).toContain("already");
    expect(passkeyFault(new DOMException("", "OddError"))).toContain("another way");
    expect(passkeyFault(new Error("This took too long."))).toBe("This took too long.");
  });
});

describe("keys and codes", () => {
  it("are written so that they can be read out", () => {
    expect(inFours("JBSWY3DPEHPK3PXPAB")).toBe("JBSW Y3DP EHPK 3PXP AB");
    expect(codesFile(["aaaaa-bbbbb", "ccccc-ddddd"], "x.example", "a@x.example").split("\n")).toEqual(["Backup codes of a@x.example for AutoGraph at x.example", "Each works once, in place of a code of the authenticator app.", "", "aaaaa-bbbbb", "ccccc-ddddd", ""]);
  });
});

describe("where one goes after a provider", () => {
  it("is kept in the tab for ten minutes, and is a place of this site", () => {
    vi.useFakeTimers();
    rememberNext("?next=%2Fd%2F42");
    expect(nextAddress("?step=second")).toBe("/d/42");
    expect(nextAddress("?next=%2Fother")).toBe("/other");
    vi.advanceTimersByTime(600_001);
    expect(nextAddress("")).toBe("/");
    rememberNext("?next=%2F%2Fevil.example");
    resumeNext();
    expect(location.pathname).toBe("/");
  });

  it("is gone to from the front door alone, and once", () => {
    rememberNext("?next=%2Fd%2F42");
    history.replaceState(null, "", "/settings/profile");
    resumeNext();
    expect(location.pathname).toBe("/settings/profile");
    history.replaceState(null, "", "/");
    resumeNext();
    expect(location.pathname).toBe("/d/42");
    history.replaceState(null, "", "/");
    resumeNext();
    expect(location.pathname).toBe("/");
    rememberNext("?next=%2Fd%2F42");
    rememberNext("");
    forgetNext();
    expect(nextAddress("")).toBe("/");
  });
});
