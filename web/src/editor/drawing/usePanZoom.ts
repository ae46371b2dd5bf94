/** Panning and zooming with mouse, wheel, touch and pen. The view lives in the page, not in React: it moves every frame. */
import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { fit, panBy, stepZoom, wheelZoom, zoomAt, type Size, type View } from "./viewport";

/** A press that moved less than this is a click. */
const CLICK_PX = 4;

export interface PanZoom {
  /** In per cent, for showing. */
  readonly percent: number;
  readonly view: RefObject<View>;
  readonly set: (view: View) => void;
  readonly showAll: () => void;
  readonly step: (direction: 1 | -1) => void;
  readonly toOwnSize: () => void;
}

interface Options {
  frame: RefObject<HTMLElement | null>;
  layer: RefObject<HTMLElement | null>;
  picture: RefObject<Size | null>;
  onClick: (target: EventTarget | null) => void;
}

export function usePanZoom({ frame, layer, picture, onClick }: Options): PanZoom {
  const view = useRef<View>({ x: 0, y: 0, zoom: 1 });
  const [percent, setPercent] = useState(100);
  const click = useRef(onClick);
  useEffect(() => {
    click.current = onClick;
  });

  const set = useCallback(
    (next: View) => {
      view.current = next;
      if (layer.current) layer.current.style.transform = `translate(${next.x}px, ${next.y}px) scale(${next.zoom})`;
      const style = frame.current?.style;
      style?.setProperty("--dots-x", `${next.x}px`);
      style?.setProperty("--dots-y", `${next.y}px`);
      style?.setProperty("--dots-step", `${20 * next.zoom * (next.zoom < 0.3 ? 4 : next.zoom < 0.6 ? 2 : 1)}px`);
      setPercent(Math.round(next.zoom * 100));
    },
    [frame, layer],
  );

  const showAll = useCallback(() => {
    if (!frame.current || !picture.current) return;
    const { clientWidth: width, clientHeight: height } = frame.current;
    if (width > 0 && height > 0) set(fit(picture.current, { width, height }));
  }, [frame, picture, set]);

  const zoomTo = useCallback(
    (zoom: number) => {
      const { clientWidth: width = 0, clientHeight: height = 0 } = frame.current ?? {};
      set(zoomAt(view.current, zoom, width / 2, height / 2));
    },
    [frame, set],
  );
  const step = useCallback((direction: 1 | -1) => zoomTo(stepZoom(view.current.zoom, direction)), [zoomTo]);
  const toOwnSize = useCallback(() => zoomTo(1), [zoomTo]);

  useEffect(() => {
    const element = frame.current;
    return element ? listen(element, { view, set, click }) : undefined;
  }, [frame, set]);

  return { percent, view, set, showAll, step, toOwnSize };
}

interface Hands {
  view: RefObject<View>;
  set: (view: View) => void;
  click: RefObject<(target: EventTarget | null) => void>;
}

function listen(element: HTMLElement, { view, set, click }: Hands): () => void {
  const stop = new AbortController();
  const fingers = new Map<number, { x: number; y: number }>();
  let pressed: { x: number; y: number; target: EventTarget | null; moved: boolean; clicks: boolean } | null = null;

  const spot = (event: MouseEvent): { x: number; y: number } => {
    const frame = element.getBoundingClientRect();
    return { x: event.clientX - frame.x, y: event.clientY - frame.y };
  };

  const onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      set(panBy(view.current, -(event.deltaX || event.deltaY) * unit, 0));
      return;
    }
    const { x, y } = spot(event);
    set(zoomAt(view.current, wheelZoom(view.current.zoom, (event.deltaY * unit) / (event.ctrlKey ? 1 : 4)), x, y));
  };

  const onDown = (event: PointerEvent): void => {
    if (event.button > 1 || !(event.target instanceof Element) || event.target.closest("button, a, .over")) return;
    fingers.set(event.pointerId, spot(event));
    pressed = { ...spot(event), target: event.target, moved: false, clicks: event.button === 0 && fingers.size === 1 };
    if (event.button === 1) event.preventDefault();
  };

  const onMove = (event: PointerEvent): void => {
    const before = fingers.get(event.pointerId);
    if (!before || !pressed) return;
    const now = spot(event);
    if (!pressed.moved && fingers.size === 1 && Math.hypot(now.x - pressed.x, now.y - pressed.y) < CLICK_PX) return;
    if (!pressed.moved) element.setPointerCapture(event.pointerId);
    pressed.moved = true;
    element.classList.add("is-panning");
    fingers.set(event.pointerId, now);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (!other) return set(panBy(view.current, now.x - before.x, now.y - before.y));
    const spread = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    const moved = panBy(view.current, (now.x - before.x) / 2, (now.y - before.y) / 2);
    set(zoomAt(moved, moved.zoom * spread, (now.x + other.x) / 2, (now.y + other.y) / 2));
  };

  const onUp = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size > 0) return;
    element.classList.remove("is-panning");
    if (event.type === "pointerup" && pressed?.clicks && !pressed.moved) click.current(pressed.target);
    pressed = null;
  };

  const { signal } = stop;
  element.addEventListener("wheel", onWheel, { passive: false, signal });
  element.addEventListener("pointerdown", onDown, { signal });
  element.addEventListener("pointermove", onMove, { signal });
  element.addEventListener("pointerup", onUp, { signal });
  element.addEventListener("pointercancel", onUp, { signal });
  return () => stop.abort();
}
