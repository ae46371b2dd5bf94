/** Line icons in the design's weight: 1.4 px at every size. */
import type { LucideIcon } from "lucide-react";
import type { ReactElement } from "react";

export function Icon({ of: Drawn, size = 16 }: { of: LucideIcon; size?: number }): ReactElement {
  return <Drawn size={size} strokeWidth={1.4} absoluteStrokeWidth aria-hidden="true" focusable="false" />;
}

/** The mark of the product. */
export function Mark({ size = 20 }: { size?: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <rect width="20" height="20" rx="5" fill="var(--text)" />
      <g fill="none" stroke="var(--surface)" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
        <path d="M6.5 13.5V8.3a1.8 1.8 0 0 1 1.8-1.8h3.2" />
        <path d="M8.5 13.5h3.2a1.8 1.8 0 0 0 1.8-1.8V8.5" />
      </g>
      <g fill="var(--surface)">
        <circle cx="6.5" cy="13.5" r="1.7" />
        <circle cx="13.5" cy="6.5" r="1.7" />
      </g>
    </svg>
  );
}
