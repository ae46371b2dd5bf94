/** What can be done to documents from the library, each with its message and its way back. */
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { diagrams, isProblem, type DocumentHead } from "../api";
import { counted, say, sayFailure } from "../ui";
import { DOCUMENTS } from "./usePages";

export interface Actions {
  trash: (documents: readonly DocumentHead[]) => Promise<void>;
  restore: (documents: readonly DocumentHead[]) => Promise<void>;
  rename: (document: DocumentHead, title: string) => Promise<void>;
  duplicate: (document: DocumentHead) => Promise<void>;
}

export function named(documents: readonly DocumentHead[]): string {
  const [only] = documents;
  return documents.length === 1 && only ? `“${only.title}”` : counted(documents.length, "document");
}

/** Rename whatever version there is now: a title replaces a title and nothing else. */
export async function rename(document: DocumentHead, title: string): Promise<void> {
  try {
    await diagrams.save(document.id, document.version, { title });
  } catch (problem) {
    const current = isProblem(problem, "version-conflict") ? problem.members["current_version"] : undefined;
    if (typeof current !== "number") throw problem;
    await diagrams.save(document.id, current, { title });
  }
}

export function useActions(): Actions {
  const client = useQueryClient();
  return useMemo(() => {
    const refresh = () => client.invalidateQueries({ queryKey: [DOCUMENTS] });

    const each = async (documents: readonly DocumentHead[], run: (id: string) => Promise<unknown>, failure: string) => {
      const results = await Promise.allSettled(documents.map(({ id }) => run(id)));
      await refresh();
      const failed = documents.filter((_, index) => results[index]?.status === "rejected");
      const cause = results.find((result) => result.status === "rejected")?.reason as unknown;
      if (failed.length > 0) sayFailure(`${named(failed)} ${failure} ${cause instanceof Error ? cause.message : ""}`.trim());
      return documents.filter((_, index) => results[index]?.status === "fulfilled");
    };

    const restore = async (documents: readonly DocumentHead[]) => {
      const done = await each(documents, diagrams.restore, "could not be restored.");
      if (done.length > 0) say(`Restored ${named(done)}`);
    };

    return {
      restore,
      trash: async (documents) => {
        const done = await each(documents, diagrams.remove, "could not be moved to the trash.");
        if (done.length > 0) say(`Moved ${named(done)} to the trash`, { label: "Undo", run: () => void restore(done) });
      },
      rename: async (document, title) => {
        await rename(document, title);
        await refresh();
      },
      duplicate: async (document) => {
        try {
          const { canvas, code, note, model, file_type } = await diagrams.get(document.id);
          const title = `${document.title.slice(0, 190)} (copy)`;
          await diagrams.create({ title, file_type, canvas, code, note, model });
          await refresh();
          say(`Made “${title}”`);
        } catch (problem) {
          sayFailure(`“${document.title}” could not be copied. ${problem instanceof Error ? problem.message : ""}`);
        }
      },
    };
  }, [client]);
}
