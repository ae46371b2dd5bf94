/** The editor's door: the page of one document. */
import { createElement, type ReactElement } from "react";

export function EditorPage({ documentId }: { documentId: string }): ReactElement {
  return createElement("main", { className: "main" }, `Document ${documentId}`);
}
