/** The server's picture of a model; the last good one stays while the next is on its way. */
import { useEffect, useState } from "react";
import { drawing, type DrawingTheme, type Model } from "../../api";

export interface ModelPicture {
  readonly svg: string | null;
  readonly failure: unknown;
}

interface Wanted {
  documentId: string;
  model: Model | null;
  theme: DrawingTheme;
  /** An older version, which only its own model can draw. */
  older: boolean;
  attempt: number;
}

export function useModelPicture({ documentId, model, theme, older, attempt }: Wanted): ModelPicture {
  const [picture, setPicture] = useState<ModelPicture>({ svg: null, failure: null });

  useEffect(() => {
    if (!model) {
      setPicture({ svg: null, failure: null });
      return;
    }
    const stop = new AbortController();
    const asked = older ? drawing.render({ model, theme }, stop.signal).then(({ svg }) => svg) : drawing.picture(documentId, theme, stop.signal);
    asked
      .then((svg) => {
        if (!stop.signal.aborted) setPicture({ svg, failure: null });
      })
      .catch((failure: unknown) => {
        if (!stop.signal.aborted) setPicture((last) => ({ svg: last.svg, failure }));
      });
    return () => stop.abort();
  }, [documentId, model, theme, older, attempt]);

  return picture;
}
