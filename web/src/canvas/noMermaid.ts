/** Stands in for the canvas's own Mermaid converter: the server draws Mermaid here, so pasted code stays text. */
export function parseMermaidToExcalidraw(): never {
  throw new Error("Mermaid code belongs into the code panel.");
}
