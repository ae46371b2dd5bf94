/** Every save is a version: the list of them, opening one to read. */
import { useQuery } from "@tanstack/react-query";
import { History, X } from "lucide-react";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { diagrams, type Document } from "../../api";
import { ago, Button, exactly, IconButton, sayFailure, size } from "../../ui";

interface VersionsProps {
  documentId: string;
  version: number;
  viewing: number | null;
  onView: (document: Document | null) => void;
}

export function Versions({ documentId, version, viewing, onView }: VersionsProps): ReactElement {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    const away = (event: PointerEvent): void => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      setOpen(false);
      place.current?.querySelector("button")?.focus();
    };
    addEventListener("pointerdown", away);
    addEventListener("keydown", escape);
    return () => {
      removeEventListener("pointerdown", away);
      removeEventListener("keydown", escape);
    };
  }, [open]);

  return (
    <div className="vers" ref={place}>
      <Button size="s" kind="ghost" icon={History} aria-expanded={open} aria-haspopup="dialog" onClick={() => setOpen(!open)}>
        <span className="wide-only">Versions</span> <span className="cnt">{version}</span>
      </Button>
      {open && <List documentId={documentId} version={version} viewing={viewing} onView={onView} onClose={() => setOpen(false)} />}
    </div>
  );
}

function List({ documentId, version, viewing, onView, onClose }: VersionsProps & { onClose: () => void }): ReactElement {
  const [page, setPage] = useState(1);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["versions", documentId, version, page],
    queryFn: ({ signal }) => diagrams.versions(documentId, page, signal),
  });

  const view = async (number: number): Promise<void> => {
    try {
      onView(number === version ? null : await diagrams.version(documentId, number));
      onClose();
    } catch (failure) {
      sayFailure(failure instanceof Error ? failure.message : "This version could not be opened.");
    }
  };

  return (
    <div className="vers-list" role="dialog" aria-label="Versions">
      <div className="row">
        <h2 className="grow">Versions</h2>
        <IconButton icon={X} label="Close" size="s" onClick={onClose} />
      </div>
      {isPending && <p className="t3 f12 later">Reading the versions</p>}
      {error && (
        <p className="bad f12" role="alert">
          {error.message} <button type="button" className="linkish" onClick={() => void refetch()}>Try again</button>
        </p>
      )}
      <ul>
        {data?.items.map((one) => (
          <li key={one.number}>
            <button type="button" className={one.number === (viewing ?? version) ? "vers-one on" : "vers-one"} aria-current={one.number === (viewing ?? version) || undefined} onClick={() => void view(one.number)}>
              <span className="tn b5">{one.number}</span>
              <span className="trunc">{one.title}</span>
              <span className="t3 f12 nw" title={exactly(one.created_at)}>
                {one.number === version ? "now" : ago(one.created_at)}
              </span>
              <span className="t3 f12 nw tn">{size(one.size_bytes)}</span>
            </button>
          </li>
        ))}
      </ul>
      {data && data.total > data.page_size && (
        <div className="row">
          <Button size="xs" offBecause={page === 1 && "These are the newest."} onClick={() => setPage(page - 1)}>
            Newer
          </Button>
          <Button size="xs" offBecause={page * data.page_size >= data.total && "These are the oldest."} onClick={() => setPage(page + 1)}>
            Older
          </Button>
        </div>
      )}
    </div>
  );
}
