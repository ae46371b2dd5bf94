/** The small line drawing of an empty place: one shape that is there, two that will be. */
import type { ReactElement } from "react";

const BARS = [
  [24, 48, 28],
  [24, 57, 20],
  [165, 17, 28],
  [165, 26, 18],
  [165, 80, 28],
  [165, 89, 22],
] as const;

export function EmptyDrawing(): ReactElement {
  return (
    <svg width="208" height="112" viewBox="0 0 208 112" fill="none" stroke="var(--line-strong)" aria-hidden="true">
      <rect x="4.500" y="36.500" width="58" height="40" rx="5" fill="var(--bg)" />
      <path d="M63 56h33a8 8 0 0 0 8-8V32a8 8 0 0 1 8-8h32M96 56a8 8 0 0 1 8 8v16a8 8 0 0 0 8 8h32" />
      <g strokeDasharray="4 3" fill="var(--bg)">
        <rect x="144.500" y="4.500" width="58" height="40" rx="5" />
        <rect x="144.500" y="67.500" width="58" height="40" rx="5" />
      </g>
      <g strokeWidth="3" strokeLinecap="round">
        {BARS.map(([x, y, width]) => (
          <path key={`${x} ${y}`} d={`M${x - 10} ${y}h${width}`} />
        ))}
      </g>
    </svg>
  );
}
