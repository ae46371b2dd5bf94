/** Serves the canvas's own fonts from this page's address, so that no request leaves the machine. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** Where the page finds them; the canvas is told the folder above `fonts`. */
const PLACE = "excalidraw/fonts";
const entry = fileURLToPath(import.meta.resolve("@excalidraw/excalidraw"));
const folder = join(dirname(entry), "fonts");
/** Where the canvas would look for a font that is missing here: somewhere outside, which is never asked. */
const OUTSIDE = /[\w$]+\.push\(new URL\([\w$]+,\s*[\w$]+\.ASSETS_FALLBACK_URL\)\)/u;

export function canvasFonts(): Plugin {
  return {
    name: "canvas-fonts",
    transform(code, id) {
      if (!id.includes("@excalidraw/excalidraw/dist/prod") || !code.includes("ASSETS_FALLBACK_URL")) return null;
      if (!OUTSIDE.test(code)) this.error("The canvas's fonts have an outside address that is not known here.");
      return { code: code.replace(OUTSIDE, "0").replaceAll("https://esm.sh/", "/"), map: null };
    },
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
