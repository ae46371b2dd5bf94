/** The drawing board itself. Loaded only when a canvas is shown, since it is large. */
import "./assets";
import { Excalidraw, hashElementsVersion, MainMenu, restoreElements, WelcomeScreen } from "@excalidraw/excalidraw";
import type { AppState, BinaryFiles, ExcalidrawInitialDataState } from "@excalidraw/excalidraw/types";
import type { OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import "@excalidraw/excalidraw/index.css";
import "./canvas.css";
import { useEffect, useRef, useState, type ReactElement, type RefObject } from "react";
import { sceneOf, type Scene } from "./scene";

export interface BoardProps {
  /** Taken when the board is made; give another `key` to replace it. */
  initial: Scene | null;
  theme: "light" | "dark";
  readOnly: boolean;
  /** Called once drawing rests for a moment, and when the board goes away. */
  onChange: (scene: Scene) => void;
}

const REST_MS = 250;
const DOTS = 20;
const NEVER = () => false;
const OPTIONS = {
  canvasActions: { export: false, loadScene: false, saveToActiveFile: false, toggleTheme: false, saveAsImage: false },
} as const;

export default function Board({ initial, theme, readOnly, onChange }: BoardProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const [start] = useState(() => initialData(initial));
  const report = useReport(readOnly, onChange);
  useNames(host);

  return (
    <div className="board" ref={host} id="board">
      <Excalidraw
        initialData={start}
        excalidrawAPI={(board) => {
          // Drawings are larger than windows: begin with all of it in sight, never larger than life.
          if (initial && initial.elements.length > 0) requestAnimationFrame(() => board.scrollToContent(undefined, { fitToViewport: true, viewportZoomFactor: 0.92, maxZoom: 1, canvasOffsets: { left: 72, top: 16 } }));
        }}
        theme={theme}
        viewModeEnabled={readOnly}
        onChange={report}
        onScrollChange={(x, y, zoom) => {
          const style = host.current?.style;
          const step = DOTS * zoom.value * (zoom.value < 0.5 ? 4 : 1);
          style?.setProperty("--dots-x", `${x * zoom.value}px`);
          style?.setProperty("--dots-y", `${y * zoom.value}px`);
          style?.setProperty("--dots-step", `${step}px`);
        }}
        UIOptions={OPTIONS}
        validateEmbeddable={NEVER}
        aiEnabled={false}
        handleKeyboardGlobally={false}
        autoFocus={!readOnly}
      >
        <MainMenu>
          <MainMenu.DefaultItems.SearchMenu />
          <MainMenu.DefaultItems.ClearCanvas />
          <MainMenu.Separator />
          <MainMenu.DefaultItems.ChangeCanvasBackground />
        </MainMenu>
        <WelcomeScreen>
          <WelcomeScreen.Center>
            <WelcomeScreen.Center.Heading>Draw here. R makes a box, A an arrow, T text.</WelcomeScreen.Center.Heading>
          </WelcomeScreen.Center>
        </WelcomeScreen>
      </Excalidraw>
    </div>
  );
}

/** The board's own buttons lack names or have ones that differ from what they show. */
function useNames(host: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const board = host.current;
    if (!board) return;
    const name = (): void => {
      board.querySelector(".main-menu-trigger")?.setAttribute("aria-label", "Canvas menu");
      const zoom = board.querySelector(".reset-zoom-button");
      const label = `${zoom?.textContent ?? ""}, reset zoom`;
      if (zoom && zoom.getAttribute("aria-label") !== label) zoom.setAttribute("aria-label", label);
      board.querySelector("footer.layer-ui__wrapper__footer")?.setAttribute("role", "group");
      // Rows of colours in the panel of a shape, which call themselves dialogs.
      for (const row of board.querySelectorAll(".color-picker-container[role=dialog]")) {
        row.setAttribute("role", "group");
        row.removeAttribute("aria-modal");
        row.setAttribute("aria-label", row.parentElement?.querySelector("h3")?.textContent ?? "Colour");
      }
    };
    const watch = new MutationObserver(name);
    watch.observe(board, { childList: true, subtree: true, characterData: true });
    name();
    return () => watch.disconnect();
  }, [host]);
}

function initialData(scene: Scene | null): ExcalidrawInitialDataState {
  const elements = (scene?.elements ?? []) as ExcalidrawInitialDataState["elements"];
  return {
    elements: restoreElements(elements, null, { repairBindings: true, refreshDimensions: false }),
    appState: { viewBackgroundColor: "transparent", currentItemRoughness: 0, currentItemFontFamily: 6, ...scene?.appState },
    files: (scene?.files ?? {}) as BinaryFiles,
  };
}

type Report = (elements: readonly OrderedExcalidrawElement[], settings: AppState, files: BinaryFiles) => void;

/** Turn the board's many reports into one for each real change. */
function useReport(readOnly: boolean, onChange: (scene: Scene) => void): Report {
  const last = useRef<string | null>(null);
  const pending = useRef<{ timer: ReturnType<typeof setTimeout>; scene: () => Scene } | null>(null);
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });

  useEffect(() => () => flush(pending, tell.current), []);

  return (elements, settings, files) => {
    const sign = `${hashElementsVersion(elements)} ${settings.viewBackgroundColor} ${settings.gridModeEnabled} ${Object.keys(files).length}`;
    // The first report only repeats what was given.
    if (last.current === null || readOnly) {
      last.current = sign;
      return;
    }
    if (sign === last.current) return;
    last.current = sign;
    clearTimeout(pending.current?.timer);
    const kept = elements.map((element) => ({ ...element }));
    const timer = setTimeout(() => flush(pending, tell.current), REST_MS);
    pending.current = { timer, scene: () => sceneOf(kept, settings, files) };
  };
}

function flush(pending: { current: { timer: ReturnType<typeof setTimeout>; scene: () => Scene } | null }, tell: (scene: Scene) => void): void {
  if (!pending.current) return;
  clearTimeout(pending.current.timer);
  const { scene } = pending.current;
  pending.current = null;
  tell(scene());
}
