/** Reads a file of someone's own into the contents of a document. */
import { isRecord, type Contents, type FileType } from "../api";

export const LARGEST_BYTES = 25 * 1024 * 1024;
export const ACCEPTED = ".excalidraw,.mmd,.mermaid,.md,.markdown";

export interface Imported {
  title: string;
  file_type: FileType;
  contents: Contents;
  /** What was found in it: "12 shapes", "48 lines of Mermaid". */
  found: string;
}

export class ImportFault extends Error {}

const READERS: readonly (readonly [ending: RegExp, read: (text: string) => Omit<Imported, "title">])[] = [
  [/\.excalidraw$/iu, readCanvas],
  [/\.(mmd|mermaid)$/iu, (text) => ({ file_type: "mixed", contents: { code: text }, found: `${lines(text)} of Mermaid` })],
  [/\.(md|markdown)$/iu, (text) => ({ file_type: "note", contents: { note: text }, found: `${lines(text)} of Markdown` })],
];

/** Raises {@link ImportFault} with what to do when the file cannot be read. */
export async function importFile(file: File): Promise<Imported> {
  const reader = READERS.find(([ending]) => ending.test(file.name));
  if (!reader) throw new ImportFault(`${file.name} is not one of .excalidraw, .mmd and .md.`);
  if (file.size > LARGEST_BYTES) throw new ImportFault(`${file.name} is larger than 25 MB, the most that one document holds.`);
  const text = await file.text();
  if (text.trim() === "") throw new ImportFault(`${file.name} is empty.`);
  const title = file.name.replace(/\.[^.]+$/u, "").replaceAll(/[_-]+/gu, " ").trim().slice(0, 200) || "Imported";
  return { title, ...reader[1](text) };
}

function lines(text: string): string {
  const count = text.trimEnd().split("\n").length;
  return count === 1 ? "1 line" : `${count} lines`;
}

function readCanvas(text: string): Omit<Imported, "title"> {
  let scene: unknown;
  try {
    scene = JSON.parse(text);
  } catch {
    throw new ImportFault("The file is not valid JSON; it may have been cut off. Export it again.");
  }
  if (!isRecord(scene) || scene["type"] !== "excalidraw" || !Array.isArray(scene["elements"])) {
    throw new ImportFault("The file is JSON but holds no Excalidraw drawing.");
  }
  const elements: unknown[] = scene["elements"].filter((element) => isRecord(element) && element["isDeleted"] !== true);
  const canvas = {
    type: "excalidraw",
    version: 2,
    elements,
    appState: isRecord(scene["appState"]) ? scene["appState"] : {},
    files: isRecord(scene["files"]) ? scene["files"] : {},
  };
  return { file_type: "canvas", contents: { canvas }, found: elements.length === 1 ? "1 shape" : `${elements.length} shapes` };
}
