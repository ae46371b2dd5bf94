/** What jsdom lacks and the page uses. Loaded before every unit test. */
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(() => {
  cleanup();
  localStorage.clear();
});

const quiet: Pick<MediaQueryList, "matches" | "media" | "onchange" | "addEventListener" | "removeEventListener"> = {
  matches: false,
  media: "",
  onchange: null,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};
window.matchMedia = () => quiet as MediaQueryList;

HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
  this.open = false;
};
