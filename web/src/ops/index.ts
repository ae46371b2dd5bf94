/** Operations: how the installation is, for administrators. */
export { Operations } from "./Operations";
