/** A drawing of the server as a preview: cleaned as in the editor, scaled to fit. */
import { useLayoutEffect, useRef, type ReactElement } from "react";
import { pictureOf } from "../editor/drawing/svg";

export function Picture({ svg, label }: { svg: string; label: string }): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const picture = pictureOf(svg);
    frame.current?.replaceChildren(...(picture ? [picture] : []));
  }, [svg]);
  return <div className="picture" role="img" aria-label={label} ref={frame} />;
}
