import { describe, expect, it } from "vitest";
import type { Job, JobSummary } from "../api";
import { foundLine, unresolvedBySource } from "./Found";
import { importFile } from "./importFile";
import { gitFault, progressOf, titleFrom } from "./RepositoryPane";
import { archiveFault } from "./upload";
import { failureOf } from "./useJob";

const summary: JobSummary = { services: 14, stores: 6, queues: 0, externals: 2, edges: 1, unresolved: 3, skipped: 0, revision: "", seconds: 4, nodes: [] };
const job: Job = { id: "j", state: "reading", source: "", progress: { done: 412, total: 1180, current: "services/checkout/client.ts" }, summary: null, problem: null, title: "", created_at: "2026-01-01T00:00:00Z" };
const file = (name: string, text: string) => new File([text], name);

describe("importing a file", () => {
  it("takes a drawing without what was deleted in it", async () => {
    const scene = { type: "excalidraw", version: 2, elements: [{ id: "a" }, { id: "b", isDeleted: true }], appState: { gridSize: 20 } };
    const read = await importFile(file("my_first-drawing.excalidraw", JSON.stringify(scene)));
    expect(read).toMatchObject({ title: "my first drawing", file_type: "canvas", found: "1 shape" });
    expect(read.contents.canvas).toEqual({ type: "excalidraw", version: 2, elements: [{ id: "a" }], appState: { gridSize: 20 }, files: {} });
  });

  it("takes Mermaid as code and Markdown as a note", async () => {
    expect(await importFile(file("flow.mmd", "flowchart LR\n a-->b\n"))).toMatchObject({ contents: { code: "flowchart LR\n a-->b\n" }, found: "2 lines of Mermaid" });
    expect(await importFile(file("README.MD", "# Shop"))).toMatchObject({ file_type: "note", contents: { note: "# Shop" }, title: "README" });
  });

  it("says what is wrong with a file and what to do", async () => {
    await expect(importFile(file("a.png", "x"))).rejects.toThrow("not one of .excalidraw, .mmd and .md");
    await expect(importFile(file("a.md", " \n"))).rejects.toThrow("is empty");
    await expect(importFile(file("a.excalidraw", '{"type": "exc'))).rejects.toThrow("may have been cut off");
    await expect(importFile(file("a.excalidraw", '{"type": "other"}'))).rejects.toThrow("holds no Excalidraw drawing");
  });
});

describe("a source", () => {
  it("names the diagram", () => {
    expect(titleFrom({ git_url: "https://git.example.com/shop/platform.git/" })).toBe("shop/platform");
    expect(titleFrom({ archive: file("platform.tar.gz", "") })).toBe("platform");
    expect(titleFrom({ root: "services", folder: "shop/api/" })).toBe("api");
    expect(titleFrom({ root: "services", folder: "" })).toBe("services");
  });

  it("is looked at before it is sent", () => {
    expect(gitFault("https://git.example.com/shop/platform")).toBeUndefined();
    expect(gitFault("file:///etc/passwd")).toBeDefined();
    expect(gitFault("")).toBeDefined();
    expect(archiveFault({ name: "a.zip", size: 10 })).toBeUndefined();
    expect(archiveFault({ name: "a.TGZ", size: 10 })).toBeUndefined();
    expect(archiveFault({ name: "a.rar", size: 10 })).toContain("is not a .zip");
    expect(archiveFault({ name: "a.zip", size: 201 * 1024 * 1024 })).toContain("larger than 200 MB");
    expect(archiveFault({ name: "a.zip", size: 0 })).toContain("is empty");
  });
});

describe("progress", () => {
  it("says what is read, how many, and how far", () => {
    expect(progressOf({ state: "reading", job })).toEqual({ words: "Reading services/checkout/client.ts", count: "412 of 1\u202f180 files", share: 412 / 1180 });
  });

  it("claims no figure that nobody knows", () => {
    const queued: Job = { ...job, state: "queued", progress: { done: 0, total: 0, current: "" } };
    expect(progressOf({ state: "reading", job: queued })).toEqual({ words: "Waiting for its turn", count: "", share: null });
    expect(progressOf({ state: "sending", name: "", sent: 0, size: 0 }).share).toBeNull();
  });
});

describe("what was found", () => {
  it("counts what is there", () => {
    expect(foundLine(summary)).toBe("14 services · 6 stores · 1 edge");
    expect(foundLine({ ...summary, services: 0, stores: 0, edges: 0 })).toBe("nothing to draw");
  });

  it("says which part has calls without a target", () => {
    const evidence = { file: "a.ts", line: 1, snippet: "", snippet_line: 1, rule: "", known: "code" as const };
    const doubt = (source: string) => ({ source, reference: "$URL", reason: "", evidence });
    const model = { title: "", nodes: [], edges: [], unresolved: [doubt("notify"), doubt("notify"), doubt("cart")], skipped: [], revision: "" };
    expect([...unresolvedBySource(model)]).toEqual([["notify", 2], ["cart", 1]]);
  });
});

describe("a failed job", () => {
  it("tells the server's reason", () => {
    const problem = { type: "urn:autograph:problem:clone-failed", title: "x", detail: "The address does not answer.", status: 422, instance: "/api/analysis/jobs/1" };
    expect(failureOf({ ...job, state: "failed", problem })).toMatchObject({ slug: "clone-failed", message: "The address does not answer." });
    expect(failureOf({ ...job, state: "cancelled" }).message).toBe("Reading was cancelled.");
  });
});
