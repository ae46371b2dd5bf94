/** Code drawn by the server while it is typed: stale answers are dropped, the last good picture stays. */
import { useEffect, useRef, useState } from "react";
import { drawing, isProblem, mistakesIn, type Diagnostic, type DrawingTheme } from "../../api";

/** How long typing has to pause before the code is sent. */
const PAUSE_MS = 60;
const NONE: readonly Diagnostic[] = [];

export interface RenderedCode {
  /** The last good picture; null before there is one, or when there is no code. */
  readonly svg: string | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Why the newest code could not be drawn, when that is not the code's fault. */
  readonly failure: string | null;
  /** The picture is of older code than what is written now. */
  readonly stale: boolean;
}

const EMPTY: RenderedCode = { svg: null, diagnostics: NONE, failure: null, stale: false };

export function useRendered(code: string, theme: DrawingTheme, attempt = 0): RenderedCode {
  const [rendered, setRendered] = useState<RenderedCode>(EMPTY);
  const first = useRef(true);

  useEffect(() => {
    if (code.trim() === "") {
      setRendered(EMPTY);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(
      () => {
        performance.mark("autograph.render.asked");
        drawing
          .render({ code, theme }, stop.signal)
          .then((answer) => {
            if (!stop.signal.aborted) setRendered({ svg: answer.svg, diagnostics: answer.diagnostics, failure: null, stale: false });
          })
          .catch((error: unknown) => {
            if (!stop.signal.aborted) setRendered((last) => failed(last, error));
          });
      },
      first.current ? 0 : PAUSE_MS,
    );
    first.current = false;
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [code, theme, attempt]);

  return rendered;
}

function failed(last: RenderedCode, error: unknown): RenderedCode {
  const diagnostics = isProblem(error) ? mistakesIn(error) : [];
  if (diagnostics.length > 0) return { svg: last.svg, diagnostics, failure: null, stale: true };
  const failure = error instanceof Error ? error.message : "The code could not be drawn.";
  return { svg: last.svg, diagnostics: NONE, failure, stale: true };
}
