/** The library: everything a person has, as pictures or as a list, and the trash. */
import { LayoutGrid, RotateCcw, Trash2, UserRound, X } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactElement } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import type { DocumentHead, SortBy, User } from "../api";
import { AccountMenu } from "../app/AccountMenu";
import { Button, Failure, Icon, IconButton, PHONE, useMedia, usePageTitle, useShortcuts } from "../ui";
import { useActions } from "./actions";
import { Bar, PhoneTop, titleOf, Top } from "./Bar";
import { Documents } from "./Documents";
import { Empty } from "./Empty";
import type { EntryActions } from "./entry";
import "./library.css";
import { RenameDialog } from "./RenameDialog";
import { SearchBox, Sidebar } from "./Sidebar";
import { useKept } from "./useKept";
import { useDocuments, useSettled, type Place, type Range, type Wanted } from "./usePages";

const NewDocument = lazy(() => import("../new").then((part) => ({ default: part.NewDocument })));
const TYPING_RESTS_MS = 150;
const SORTS = ["updated_at", "created_at", "title"] as const satisfies readonly SortBy[];

export function Library({ place, me }: { place: Place; me: User }): ReactElement {
  const [params, setParams] = useSearchParams();
  const q = params.get("q") ?? "";
  const kind = params.get("new");
  const [sortBy, setSortBy] = useKept("library.sort", SORTS, "updated_at");
  const [view, setView] = useKept("library.view", ["grid", "list"] as const, "grid");
  const [side, setSide] = useKept("library.side", ["open", "closed"] as const, "open");
  const phone = useMedia(PHONE);
  const [searching, setSearching] = useState(q !== "");
  const [range, setRange] = useState<Range>({ first: 0, last: 0 });
  const [renaming, setRenaming] = useState<DocumentHead>();
  const search = useRef<HTMLInputElement>(null);

  const wanted = useWanted(place, useSettled(q.trim(), TYPING_RESTS_MS), sortBy);
  const documents = useDocuments(wanted, range);
  const { actions, selected, clear } = useEntryActions(place, setRenaming);

  const set = useCallback(
    (name: "q" | "new", value: string, replace: boolean) =>
      setParams(
        (before) => {
          if (value) before.set(name, value);
          else before.delete(name);
          return before;
        },
        { replace },
      ),
    [setParams],
  );
  const setQ = (text: string) => set("q", text, true);
  const noNew = me.permissions.includes("documents:write") ? undefined : "Your role may read documents. Ask an administrator for one that may draw.";
  const openNew = (what: string) => {
    if (!noNew) set("new", what, false);
  };
  const focusSearch = () => {
    setSearching(true);
    setTimeout(() => search.current?.focus());
  };

  useShortcuts({ n: () => openNew("repository"), "/": focusSearch, Escape: clear });
  usePageTitle(titleOf(place));

  const searchBox = <SearchBox q={q} onSearch={setQ} handle={search} />;
  return (
    <div className={side === "closed" ? "app library no-side" : "app library"}>
      {!phone && side === "open" && <Sidebar place={place} me={me} q={q} onSearch={setQ} handle={search} onCollapse={() => setSide("closed")} />}
      <main className="main" id="content">
        {phone ? (
          <PhoneTop place={place} onSearch={focusSearch} onNew={() => openNew("repository")} />
        ) : (
          <Top place={place} total={documents.total} collapsed={side === "closed"} onExpand={() => setSide("open")} noNew={noNew} onNew={() => openNew("repository")} onImport={() => openNew("file")} />
        )}
        {(phone || side === "closed") && searching && <div className="search-row">{searchBox}</div>}
        {!phone && documents.total !== 0 && (
          <Bar q={q} onClear={() => setQ("")} sortBy={sortBy} onSort={setSortBy} view={view} onView={setView} place={place} />
        )}
        <Content place={place} documents={documents} q={wanted.q} noNew={noNew} onNew={() => openNew("repository")} onClear={() => setQ("")}>
          {(total) => <Documents key={place} view={phone ? "phone" : view} total={total} at={documents.at} me={me} actions={actions} onRange={setRange} />}
        </Content>
        {selected.length > 0 && <Bulk place={place} selected={selected} onDone={clear} />}
        {phone && <Tabs me={me} />}
      </main>
      {renaming && <Renaming document={renaming} onClose={() => setRenaming(undefined)} />}
      {kind !== null && !noNew && (
        <Suspense>
          <NewDocument kind={kind} onKind={(next) => set("new", next, true)} onClose={() => set("new", "", true)} />
        </Suspense>
      )}
    </div>
  );
}

function useWanted(place: Place, q: string, sort_by: SortBy): Wanted {
  return useMemo(
    () => ({ place, q: place === "trash" ? "" : q, sort_by, sort_order: sort_by === "title" ? "asc" : "desc" }),
    [place, q, sort_by],
  );
}

function useEntryActions(place: Place, rename: (document: DocumentHead) => void) {
  const [, go] = useLocation();
  const run = useActions();
  const [chosen, choose] = useState<ReadonlyMap<string, DocumentHead>>(new Map());
  const clear = useCallback(() => choose(new Map()), []);
  useEffect(clear, [clear, place]);

  const actions = useMemo<EntryActions>(() => {
    const without = (document: DocumentHead) => choose((before) => new Map([...before].filter(([id]) => id !== document.id)));
    return {
      place,
      selected: new Set(chosen.keys()),
      open: (document) => go(`/d/${document.id}`),
      rename,
      duplicate: (document) => void run.duplicate(document),
      trash: (document) => {
        without(document);
        void run.trash([document]);
      },
      restore: (document) => {
        without(document);
        void run.restore([document]);
      },
      select: (document, on) => (on ? choose((before) => new Map(before).set(document.id, document)) : without(document)),
    };
  }, [place, chosen, go, rename, run]);
  return { actions, selected: [...chosen.values()], clear };
}

interface ContentProps {
  place: Place;
  documents: ReturnType<typeof useDocuments>;
  q: string;
  noNew: string | undefined;
  onNew: () => void;
  onClear: () => void;
  children: (total: number) => ReactElement;
}

const SKELETONS = 8;

function Content({ place, documents, q, noNew, onNew, onClear, children }: ContentProps): ReactElement {
  const { total, error, retry } = documents;
  if (total === undefined && error) {
    return (
      <div className="in-place">
        <Failure title="The documents could not be listed" error={error} retry={retry} />
      </div>
    );
  }
  if (total === undefined) {
    return (
      <div className="documents grid later" aria-busy="true" aria-label="Loading the documents" role="status">
        <div className="grid-row" style={{ gridTemplateColumns: "repeat(4, minmax(0, 1fr))" }}>
          {Array.from({ length: SKELETONS }, (_, index) => (
            <div key={index} className="doc" style={{ paddingBottom: 24 }}>
              <div className="sk th" />
              <div className="sk" style={{ height: 12, width: "60%", marginTop: 14 }} />
              <div className="sk" style={{ height: 10, width: "40%", marginTop: 10 }} />
            </div>
          ))}
        </div>
      </div>
    );
  }
  if (total === 0) return <Empty place={place} q={q} noNew={noNew} onNew={onNew} onClear={onClear} />;
  return (
    <>
      {error !== null && (
        <div className="in-place narrow">
          <Failure title="Some documents could not be listed" error={error} retry={retry} />
        </div>
      )}
      {children(total)}
    </>
  );
}

function Bulk({ place, selected, onDone }: { place: Place; selected: readonly DocumentHead[]; onDone: () => void }): ReactElement {
  const run = useActions();
  const act = (does: (documents: readonly DocumentHead[]) => Promise<void>) => {
    void does(selected);
    onDone();
  };
  return (
    <div className="bulk" role="toolbar" aria-label="Selected documents">
      <span className="b5">{selected.length} selected</span>
      <span className="vdiv" />
      {place === "trash" ? (
        <Button size="s" icon={RotateCcw} onClick={() => act(run.restore)}>
          Restore
        </Button>
      ) : (
        <Button size="s" kind="danger" icon={Trash2} onClick={() => act(run.trash)}>
          Move to trash
        </Button>
      )}
      <span className="vdiv" />
      <IconButton icon={X} label="Clear the selection" onClick={onDone} />
    </div>
  );
}

function Renaming({ document, onClose }: { document: DocumentHead; onClose: () => void }): ReactElement {
  const { rename } = useActions();
  return <RenameDialog document={document} rename={rename} onClose={onClose} />;
}

function Tabs({ me }: { me: User }): ReactElement {
  return (
    <nav className="bottom-tabs" aria-label="Main">
      <Link href="/" className="on" aria-current="page">
        <Icon of={LayoutGrid} size={20} />
        Library
      </Link>
      <AccountMenu me={me}>
        {(trigger) => (
          <button type="button" {...trigger}>
            <Icon of={UserRound} size={20} />
            You
          </button>
        )}
      </AccountMenu>
    </nav>
  );
}
