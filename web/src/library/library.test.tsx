import { afterEach, describe, expect, it, vi } from "vitest";
import type { DocumentHead } from "../api";
import { named, rename } from "./actions";
import { origin } from "./entry";
import { PAGE_SIZE, pagesOf } from "./usePages";

const head: DocumentHead = {
  id: "d1",
  title: "Shop",
  file_type: "mixed",
  version: 3,
  owner_id: "u1",
  created_at: "2026-11-20T10:00:00Z",
  updated_at: "2026-11-24T10:00:00Z",
  size_bytes: 10,
  has_model: false,
  has_canvas: false,
  has_code: false,
  has_note: false,
  picture_version: null,
};

afterEach(() => vi.unstubAllGlobals());

describe("the pages that are asked for", () => {
  it("are those on screen and no others", () => {
    expect(pagesOf({ first: 0, last: 15 })).toEqual([1]);
    expect(pagesOf({ first: PAGE_SIZE - 1, last: PAGE_SIZE })).toEqual([1, 2]);
    expect(pagesOf({ first: 9_984, last: 9_999 })).toEqual([417]);
    expect(pagesOf({ first: 0, last: -1 })).toEqual([1]);
  });
});

describe("what a document was made from", () => {
  it("is said by the strongest part it has", () => {
    expect(origin({ ...head, has_model: true, has_canvas: true })).toBe("Drawn from code");
    expect(origin({ ...head, has_canvas: true, has_note: true })).toBe("Drawn by hand");
    expect(origin({ ...head, has_code: true })).toBe("Mermaid");
    expect(origin({ ...head, has_note: true })).toBe("Note");
    expect(origin(head)).toBe("Empty");
  });

  it("is named by title alone and counted together", () => {
    expect(named([head])).toBe("“Shop”");
    expect(named([head, head])).toBe("2 documents");
  });
});

describe("renaming", () => {
  function serve(...answers: [status: number, body: unknown][]) {
    const sent: unknown[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      sent.push(await request.json());
      const [status, answer] = answers.shift() ?? [500, {}];
      return new Response(JSON.stringify(answer), { status });
    });
    return sent;
  }
  const conflict = { type: "urn:autograph:problem:version-conflict", title: "x", current_version: 7 };

  it("is done on top of the newest version when someone saved meanwhile", async () => {
    const sent = serve([409, conflict], [200, head]);
    await rename(head, "Harbour");
    expect(sent).toEqual([
      { title: "Harbour", expected_version: 3 },
      { title: "Harbour", expected_version: 7 },
    ]);
  });

  it("fails when it is refused for another reason", async () => {
    serve([422, { type: "urn:autograph:problem:invalid", title: "Too long." }]);
    await expect(rename(head, "Harbour")).rejects.toThrow("Too long.");
  });
});
