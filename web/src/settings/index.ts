/** One's own account, and for administrators everybody's. */
export { Settings } from "./Settings";
