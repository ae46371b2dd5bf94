/** A line between two panels that can be dragged, or moved with the arrow keys. */
import type { KeyboardEvent, PointerEvent, ReactElement } from "react";

interface DividerProps {
  label: string;
  /** "vertical" stands between left and right. */
  orientation: "vertical" | "horizontal";
  value: number;
  least: number;
  most: number;
  /** How far an arrow key goes. */
  step: number;
  /** Where the pointer is, as the new value. */
  valueAt: (event: PointerEvent) => number;
  /** The usual value, for a double click. */
  usual: number;
  /** 1 when the value grows to the right or down. */
  direction: 1 | -1;
  onChange: (value: number) => void;
}

export function Divider({ label, orientation, value, least, most, step, valueAt, usual, direction, onChange }: DividerProps): ReactElement {
  const onKey = (event: KeyboardEvent): void => {
    const forward = orientation === "vertical" ? "ArrowRight" : "ArrowDown";
    const back = orientation === "vertical" ? "ArrowLeft" : "ArrowUp";
    if (event.key !== forward && event.key !== back) return;
    event.preventDefault();
    onChange(value + (event.key === forward ? step : -step) * direction);
  };
  const scale = most <= 1 ? 100 : 1;
  return (
    <div
      className={`divider ${orientation}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(value * scale)}
      aria-valuemin={Math.round(least * scale)}
      aria-valuemax={Math.round(most * scale)}
      onKeyDown={onKey}
      onDoubleClick={() => onChange(usual)}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) onChange(valueAt(event));
      }}
    />
  );
}
