/** The pages before somebody is signed in, and how a password is chosen. */
export { device } from "./device";
export { FirstRun } from "./FirstRun";
export { Forgot } from "./Forgot";
export { NewPassword } from "./NewPassword";
export { passwordRules } from "./password";
export { Register } from "./Register";
export { Reset } from "./Reset";
export { SecretLink } from "./SecretLink";
export { SignIn } from "./SignIn";
