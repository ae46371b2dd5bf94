/** How the page is built, served while it is being written, and tested. */
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { canvasFonts } from "./vite.fonts.ts";

const server = process.env["AUTOGRAPH_DEV_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), canvasFonts()],
  resolve: {
    alias: {
      // The server draws Mermaid; the canvas's own converter (several MB) is never needed.
      "@excalidraw/mermaid-to-excalidraw": fileURLToPath(new URL("./src/canvas/noMermaid.ts", import.meta.url)),
    },
  },
  build: {
    outDir: "../src/autograph/gateway/static",
    emptyOutDir: true,
    target: "es2023",
    // Everything is a file of its own: the page's policy forbids inline scripts and data: fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2_000,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": server, "/health": server } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    unstubGlobals: true,
    // A browser for each file is most of a run; what a test leaves behind is cleared by src/app/testing.ts.
    isolate: false,
    css: { include: [/\.css\?raw$/] },
    setupFiles: ["src/app/testing.ts"],
  },
});
