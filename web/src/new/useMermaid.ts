/** Mermaid code drawn by the server shortly after typing rests; the last good picture stays. */
import { useEffect, useState } from "react";
import { drawing, isProblem, mistakesIn, type Diagnostic, type DrawingTheme } from "../api";

const TYPING_RESTS_MS = 100;

export interface Drawn {
  svg: string;
  /** What is wrong with the code as it is now. */
  problems: readonly Diagnostic[];
  failure: Error | null;
}

export function useMermaid(code: string, theme: DrawingTheme): Drawn {
  const [drawn, setDrawn] = useState<Drawn>({ svg: "", problems: [], failure: null });
  useEffect(() => {
    if (code.trim() === "") {
      setDrawn({ svg: "", problems: [], failure: null });
      return;
    }
    const aborting = new AbortController();
    const render = async () => {
      try {
        const { svg } = await drawing.render({ code, theme }, aborting.signal);
        setDrawn({ svg, problems: [], failure: null });
      } catch (problem) {
        if (aborting.signal.aborted) return;
        const problems = isProblem(problem, "diagram-syntax") ? mistakesIn(problem) : [];
        const failure = problems.length === 0 && problem instanceof Error ? problem : null;
        setDrawn(({ svg }) => ({ svg, problems, failure }));
      }
    };
    const timer = setTimeout(() => void render(), TYPING_RESTS_MS);
    return () => {
      clearTimeout(timer);
      aborting.abort();
    };
  }, [code, theme]);
  return drawn;
}
