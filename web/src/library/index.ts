/** The library: all documents of one person, and the trash. */
export { Library } from "./Library";
