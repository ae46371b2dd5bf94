/** Where the picture stands in its frame: pure arithmetic of pan and zoom, in CSS pixels. */

export interface View {
  /** Where the picture's left top corner is, seen from the frame's. */
  readonly x: number;
  readonly y: number;
  /** 1 is the picture's own size. */
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

export const SMALLEST = 0.05;
export const LARGEST = 8;
const STEPS = [0.1, 0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 4, 6, 8];

export function clampZoom(zoom: number): number {
  return Math.min(LARGEST, Math.max(SMALLEST, zoom));
}

/** The whole picture, centred with a margin, never larger than its own size. */
export function fit(picture: Size, frame: Size, margin = 24): View {
  const room = { width: Math.max(1, frame.width - 2 * margin), height: Math.max(1, frame.height - 2 * margin) };
  const zoom = clampZoom(Math.min(1, room.width / picture.width, room.height / picture.height));
  return {
    x: (frame.width - picture.width * zoom) / 2,
    y: (frame.height - picture.height * zoom) / 2,
    zoom,
  };
}

/** Zoom so that the point (x, y) of the frame keeps showing the same spot of the picture. */
export function zoomAt(view: View, zoom: number, x: number, y: number): View {
  const next = clampZoom(zoom);
  const ratio = next / view.zoom;
  return { x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio, zoom: next };
}

export function panBy(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** The next fixed step up or down, as the buttons use it. */
export function stepZoom(zoom: number, direction: 1 | -1): number {
  const gap = 0.001;
  const next = direction > 0 ? STEPS.find((step) => step > zoom + gap) : STEPS.findLast((step) => step < zoom - gap);
  return next ?? (direction > 0 ? LARGEST : SMALLEST);
}

/** How a wheel's turn changes the zoom; `delta` in pixels as browsers report it. */
export function wheelZoom(zoom: number, delta: number): number {
  const turn = Math.max(-60, Math.min(60, delta));
  return clampZoom(zoom * Math.exp(-turn * 0.01));
}

/** Move as little as needed so that `box` (in the picture's own measure) is inside the frame. */
export function reveal(view: View, box: Box, frame: Size, margin = 32): View {
  return {
    ...view,
    x: view.x + shift(view.x + box.x * view.zoom, box.width * view.zoom, frame.width, margin),
    y: view.y + shift(view.y + box.y * view.zoom, box.height * view.zoom, frame.height, margin),
  };
}

function shift(start: number, length: number, room: number, margin: number): number {
  if (length + 2 * margin > room) return room / 2 - (start + length / 2);
  if (start < margin) return margin - start;
  const over = start + length - (room - margin);
  return over > 0 ? -over : 0;
}
