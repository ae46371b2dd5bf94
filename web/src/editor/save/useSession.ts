/** Opens a document for editing, brings back what was kept, and saves when the page is left. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { diagrams } from "../../api";
import { countShapes, drawPicture } from "../../canvas";
import { announce, forget, leftBehind, newId, type Kept } from "./kept";
import { shown, wouldLose } from "./machine";
import { ports } from "./ports";
import { holds, Session, type Snapshot } from "./session";

const PICTURE_AFTER_MS = 1_500;
const LARGEST_PICTURE = 4 * 1024 * 1024;

export type Opening =
  | { state: "loading" }
  | { state: "failed"; error: unknown }
  | { state: "open"; session: Session; recovered: Kept | null };

export function useOpening(documentId: string, attempt: number): Opening {
  const [opening, setOpening] = useState<Opening>({ state: "loading" });
  const client = useQueryClient();

  useEffect(() => {
    const stop = new AbortController();
    const page = newId();
    const leave = announce(page);
    let session: Session | null = null;
    open(documentId, page, stop.signal)
      .then((opened) => {
        if (stop.signal.aborted) return;
        session = opened.session;
        setOpening({ state: "open", ...opened });
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setOpening({ state: "failed", error });
      });
    return () => {
      stop.abort();
      session?.close();
      leave();
      void client.invalidateQueries();
    };
  }, [documentId, attempt, client]);

  return opening;
}

async function open(id: string, page: string, signal: AbortSignal): Promise<{ session: Session; recovered: Kept | null }> {
  const [document, left] = await Promise.all([diagrams.get(id, signal), leftBehind(id).catch((): Kept[] => [])]);
  const session = new Session(id, document, page, ports);
  const kept = left.find((one) => !holds(document, one.parts)) ?? null;
  // What the server has anyway need not be kept here.
  for (const one of left.filter((old) => holds(document, old.parts))) await forget(id, one.page).catch(() => undefined);
  if (signal.aborted || !kept) return { session, recovered: null };
  if (kept.version === document.version) session.adopt(kept.parts);
  else session.disagree(kept.parts, document);
  await session.keepNow();
  if (!wouldLose(session.read().state)) await forget(id, kept.page).catch(() => undefined);
  return { session, recovered: kept.version === document.version ? kept : null };
}

export function useSnapshot(session: Session): Snapshot {
  return useSyncExternalStore(session.subscribe, session.read);
}

/** Save on leaving, warn only when something would be lost, try again when the connection is back. */
export function useLeaving(session: Session): void {
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const saveNow = (): void => {
      void session.keepNow();
      if (!session.read().state.conflict) void session.saveNow();
    };
    addEventListener("blur", saveNow, { signal });
    addEventListener("online", saveNow, { signal });
    document.addEventListener("visibilitychange", () => document.hidden && saveNow(), { signal });
    addEventListener("pagehide", saveNow, { signal });
    addEventListener(
      "beforeunload",
      (event) => {
        saveNow();
        if (wouldLose(session.read().state)) event.preventDefault();
      },
      { signal },
    );
    return () => stop.abort();
  }, [session]);
}

/** After a save, hand in a picture of the canvas for the library. Quietly: a missing picture harms nothing. */
export function usePictures(session: Session): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let drawn = session.read().contents.canvas;
    session.onSaved = () => {
      const { canvas } = session.read().contents;
      if (canvas === drawn || countShapes(canvas) === 0) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        const { contents, state } = session.read();
        if (!contents.canvas || shown(state).kind !== "saved") return;
        drawn = contents.canvas;
        const version = state.version;
        drawPicture(contents.canvas)
          .then((svg) => (svg && svg.length < LARGEST_PICTURE ? diagrams.putPicture(session.id, version, svg) : undefined))
          .catch(() => undefined);
      }, PICTURE_AFTER_MS);
    };
    return () => {
      clearTimeout(timer);
      session.onSaved = null;
    };
  }, [session]);
}
