/** Tells the canvas, before it loads, that its fonts are at this page's own address. */

declare global {
  interface Window {
    EXCALIDRAW_ASSET_PATH?: string | string[];
  }
}

window.EXCALIDRAW_ASSET_PATH = "/excalidraw/";

export {};
