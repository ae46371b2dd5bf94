/** Getting in: the first administrator, signing in. */
export { FirstRun } from "./FirstRun";
export { SignIn } from "./SignIn";
