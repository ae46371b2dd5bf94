/** Serves the canvas's own fonts from this page's address, so that no request leaves the machine. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** Where the page finds them; the canvas is told the folder above `fonts`. */
const PLACE = "excalidraw/fonts";
const entry = fileURLToPath(import.meta.resolve("@excalidraw/excalidraw"));
const folder = join(dirname(entry), "fonts");

export function canvasFonts(): Plugin {
  return {
    name: "canvas-fonts",
    async generateBundle() {
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      for (const file of files.filter((one) => one.isFile())) {
        const path = join(file.parentPath, file.name);
        const name = relative(folder, path).split("\\").join("/");
        this.emitFile({ type: "asset", fileName: `${PLACE}/${name}`, source: await readFile(path) });
      }
    },
    configureServer(server) {
      server.middlewares.use(`/${PLACE}`, (request, response, next) => {
        const name = decodeURIComponent((request.url ?? "").split("?")[0] ?? "");
        const path = join(folder, name);
        if (relative(folder, path).startsWith("..")) return next();
        readFile(path).then(
          (bytes) => response.setHeader("Content-Type", "font/woff2").end(bytes),
          () => next(),
        );
      });
    },
  };
}
