/** The editor's door: the page of one document. */
export { EditorPage } from "./EditorPage";
