/** The server's picture of a model; the last good one stays while the next is on its way. */
import { useEffect, useState } from "react";
import { drawing, send, type DrawingTheme, type Model } from "../../api";

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
    const asked = older ? drawOf(model, theme, stop.signal) : exported(documentId, theme, stop.signal);
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

async function exported(id: string, theme: DrawingTheme, signal: AbortSignal): Promise<string> {
  const response = await send(`/api/export/${encodeURIComponent(id)}`, {
    query: { format: "svg", theme, inline: true },
    headers: { Accept: "image/svg+xml, application/problem+json" },
    signal,
  });
  return response.text();
}

async function drawOf(model: Model, theme: DrawingTheme, signal: AbortSignal): Promise<string> {
  return (await drawing.render({ model, format: "svg", theme }, signal)).svg ?? "";
}
