/** The server's picture in the page: moved, zoomed, walked with the keyboard, selected. */
import { Crosshair, Maximize, Minus, Plus } from "lucide-react";
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode, type Ref } from "react";
import { Icon } from "../../ui";
import { graphOf, lineOf, tab, walk, type Direction, type Graph, type Selection } from "./graph";
import { markFocus, markHover, markSelection, widenLines } from "./marks";
import { boxOf, graphIn, partsOf, pictureOf, selectionAt, sizeOf } from "./svg";
import { usePanZoom } from "./usePanZoom";
import { reveal, zoomAt, type Size } from "./viewport";

export interface PictureHandle {
  showAll: () => void;
  focus: () => void;
}

interface PictureProps {
  svg: string;
  /** What the picture shows, for readers of the screen. */
  label: string;
  selection: Selection | null;
  onSelect: (selection: Selection | null) => void;
  /** Enter on a selection: show its evidence. */
  onOpen: () => void;
  /** How a card is called. */
  nameOf: (card: string) => string;
  touch?: boolean;
  handle?: Ref<PictureHandle>;
  children?: ReactNode;
}

const NOTHING = graphOf([], []);
/** Below this a phone shows names too small to read. */
const READABLE = 0.8;
const ARROWS: readonly string[] = ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"];

export function Picture({ svg, label, selection, onSelect, onOpen, nameOf, touch, handle, children }: PictureProps): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const picture = useRef<SVGSVGElement | null>(null);
  const size = useRef<Size | null>(null);
  const [graph, setGraph] = useState<Graph>(NOTHING);
  const [focused, setFocused] = useState(false);
  const cameFrom = useRef<string | null>(null);
  const pan = usePanZoom({ frame, layer, picture: size, onClick: (target) => choose(selectionAt(target)) });
  const { showAll, set, view } = pan;

  useImperativeHandle(handle, () => ({ showAll, focus: () => frame.current?.focus() }), [showAll]);

  useLayoutEffect(() => {
    const next = pictureOf(svg);
    const first = size.current === null;
    picture.current = next;
    size.current = next ? sizeOf(next) : null;
    if (!layer.current || !next) return;
    layer.current.replaceChildren(next);
    if (first) showAll();
    widenLines(next);
    setGraph(graphIn(next));
  }, [svg, showAll]);

  useEffect(() => {
    if (picture.current) markSelection(picture.current, selection, view.current.zoom);
    if (picture.current) markFocus(picture.current, graph, focused ? selection : null);
    if (selection?.kind === "card") cameFrom.current = selection.id;
  }, [graph, selection, focused, view]);

  // The window may change its size while nothing else happens: keep the whole picture in sight if it was.
  useEffect(() => {
    if (!frame.current) return;
    let before = frame.current.clientWidth;
    const watch = new ResizeObserver(() => {
      const now = frame.current?.clientWidth ?? 0;
      if (before === 0 && now > 0) showAll();
      before = now;
    });
    watch.observe(frame.current);
    return () => watch.disconnect();
  }, [showAll]);

  const choose = (next: Selection | null): void => {
    onSelect(next);
    if (!next || !picture.current || !frame.current) return;
    const part = partsOf(picture.current, next.kind, next.id)[0];
    // A sheet may open below and take room: look again once it stands.
    if (part && next.kind === "card") requestAnimationFrame(() => show(part));
  };

  const show = (part: SVGGraphicsElement): void => {
    if (!picture.current || !frame.current) return;
    const room = { width: frame.current.clientWidth, height: frame.current.clientHeight };
    const box = boxOf(picture.current, part, view.current.zoom);
    const readable = touch && view.current.zoom < READABLE;
    const middle = { x: view.current.x + (box.x + box.width / 2) * view.current.zoom, y: view.current.y + (box.y + box.height / 2) * view.current.zoom };
    set(reveal(readable ? zoomAt(view.current, READABLE, middle.x, middle.y) : view.current, box, room));
  };

  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== frame.current || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab") {
      const next = tab(graph, selection, event.shiftKey ? -1 : 1);
      if (!next) return;
      choose(next);
    } else if (ARROWS.includes(event.key)) choose(walk(graph, selection, event.key as Direction, cameFrom.current));
    else if (event.key === "Enter" && selection) onOpen();
    else if (event.key === "Escape" && (selection || focused)) focused ? setFocused(false) : onSelect(null);
    else if (event.key === "+" || event.key === "=") pan.step(1);
    else if (event.key === "-") pan.step(-1);
    else if (event.key === "f" && selection) setFocused(!focused);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const hover = (event: { target: EventTarget | null }): void => {
    if (picture.current && !touch) markHover(picture.current, selectionAt(event.target), view.current.zoom);
  };

  return (
    <div className="pic" ref={frame} tabIndex={0} role="application" aria-roledescription="drawing" aria-label={label} aria-describedby="pic-help" onKeyDown={onKey} onPointerOver={hover} onPointerLeave={() => hover({ target: null })}>
      <div className="pic-layer" ref={layer} />
      <p className="hidden-text" id="pic-help">
        Tab walks the cards, arrows follow their lines, Enter opens the evidence, Escape clears, plus and minus zoom.
      </p>
      <p className="hidden-text" role="status">
        {selection && said(selection, graph, nameOf)}
      </p>
      {children}
      {touch ? (
        <button type="button" className="ib t pic-all" aria-label="Show everything" onClick={showAll}>
          <Icon of={Maximize} size={18} />
        </button>
      ) : (
        <div className="zoom over" role="group" aria-label="Zoom">
          <button type="button" className="ib s" aria-label="Zoom out" title="Zoom out (−)" onClick={() => pan.step(-1)}>
            <Icon of={Minus} size={14} />
          </button>
          <button type="button" className="zoom-now" title="Show at its own size" aria-label={`Zoom ${pan.percent} %, show at 100 %`} onClick={pan.toOwnSize}>
            {pan.percent}%
          </button>
          <button type="button" className="ib s" aria-label="Zoom in" title="Zoom in (+)" onClick={() => pan.step(1)}>
            <Icon of={Plus} size={14} />
          </button>
          <span className="vdiv" />
          <button type="button" className="ib s" aria-label="Show everything" title="Show everything (Shift 1)" onClick={showAll}>
            <Icon of={Maximize} size={14} />
          </button>
          {graph.cards.length > 0 && (
            <button type="button" className={focused ? "ib s act" : "ib s"} aria-label="Focus on the selection" aria-pressed={focused} title={selection ? "Focus: fade what is beyond one step (F)" : "Select a card or line to focus on it"} aria-disabled={!selection || undefined} onClick={() => selection && setFocused(!focused)}>
              <Icon of={Crosshair} size={14} />
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function said(selection: Selection, graph: Graph, nameOf: (card: string) => string): string {
  if (selection.kind === "card") return nameOf(selection.id);
  const line = lineOf(selection.id, new Set(graph.cards));
  return line ? `${nameOf(line.source)} to ${nameOf(line.target)}` : "";
}
