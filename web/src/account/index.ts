/** The pages before somebody is signed in. */
export { FirstRun } from "./FirstRun";
export { Forgot } from "./Forgot";
export { Register } from "./Register";
export { Reset } from "./Reset";
export { SecretLink } from "./SecretLink";
export { SignIn } from "./SignIn";
