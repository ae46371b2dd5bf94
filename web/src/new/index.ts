/** The dialog that makes a document: blank, from a repository, from Mermaid, from a file. */
export { NewDocument } from "./NewDocument";
