/** A long list of rows of which only those near the window exist. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useImperativeHandle, type ReactElement, type ReactNode, type Ref } from "react";

export interface RowsHandle {
  show: (row: number) => void;
}

interface RowsProps {
  handle?: Ref<RowsHandle>;
  /** The element that scrolls. */
  scroller: HTMLElement | null;
  count: number;
  /** Pixels, by row; a change of `layout` measures all rows again. */
  heightOf: (row: number) => number;
  layout: string;
  onRange: (first: number, last: number) => void;
  children: (row: number) => ReactNode;
}

const MORE_ROWS = 2;

export function Rows({ handle, scroller, count, heightOf, layout, onRange, children }: RowsProps): ReactElement {
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: heightOf,
    overscan: MORE_ROWS,
  });
  useImperativeHandle(handle, () => ({ show: (row) => virtual.scrollToIndex(row) }), [virtual]);
  useEffect(() => virtual.measure(), [virtual, layout]);

  const rows = virtual.getVirtualItems();
  const first = rows[0]?.index ?? 0;
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => onRange(first, last), [onRange, first, last]);

  return (
    <div role="presentation" style={{ position: "relative", height: virtual.getTotalSize() }}>
      {rows.map((row) => (
        <div
          key={row.key}
          role="presentation"
          style={{ position: "absolute", insetInline: 0, top: 0, height: row.size, transform: `translateY(${row.start}px)` }}
        >
          {children(row.index)}
        </div>
      ))}
    </div>
  );
}
