/** The editor of one document: its surface, its dock and the bar above them. */
import { PanelRight } from "lucide-react";
import { useCallback, useEffect, useRef, useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { Button, Dialog, IconButton, say, usePageTitle, useTheme } from "../ui";
import type { CodeHandle } from "./code/CodeEditor";
import { useRendered } from "./code/useRendered";
import { ConflictDialog } from "./ConflictDialog";
import { Dock, type Tab } from "./Dock";
import type { Selection } from "./drawing/graph";
import type { PictureHandle } from "./drawing/Picture";
import { useModelPicture } from "./drawing/useModelPicture";
import type { Source } from "./drawing/DrawingSurface";
import { Inspector } from "./evidence/Inspector";
import { nameIn } from "./evidence/subject";
import { NARROW, PHONE, useLayout, useMedia } from "./layout";
import type { NoteMode } from "./note/NotePanel";
import { PhoneViewer } from "./PhoneViewer";
import type { Kept } from "./save/kept";
import { isUnsaved } from "./save/machine";
import type { Session } from "./save/session";
import { useLeaving, usePictures, useSnapshot } from "./save/useSession";
import { Surfaces, type Surface } from "./Surfaces";
import { TopBar } from "./TopBar";
import { clock } from "./top/SaveLine";
import { useEditing } from "./useEditing";
import { useKeys } from "./useKeys";

interface EditorProps {
  session: Session;
  recovered: Kept | null;
}

export function Editor({ session, recovered }: EditorProps): ReactElement {
  const snapshot = useSnapshot(session);
  useLeaving(session);
  usePictures(session);
  const theme = useTheme();
  const phone = useMedia(PHONE);
  const narrow = useMedia(NARROW);
  const [, go] = useLocation();
  const [layout, setLayout] = useLayout();
  const [dockOpen, setDockOpen] = useState(!narrow);
  const [tab, setTab] = useState<Tab>("code");
  const [noteMode, setNoteMode] = useState<NoteMode>("read");
  const [cursor, setCursor] = useState({ line: 1, column: 1 });
  const [selection, select] = useState<Selection | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [comparing, setComparing] = useState(true);
  const [told, setTold] = useState(recovered !== null);
  const [surface, setSurface] = useState<Surface>(() => firstSurface(session));
  const [wanted, setWanted] = useState<Source | null>(null);
  const picture = useRef<PictureHandle>(null);
  const code = useRef<CodeHandle>(null);
  const editing = useEditing(session, () => setSurface("canvas"));

  const shown = editing.viewing ?? { ...snapshot.contents, model: snapshot.model };
  const readOnly = editing.viewing !== null;
  const rendered = useRendered(shown.code, theme, attempt);
  const modelPicture = useModelPicture({ documentId: session.id, model: shown.model, theme, older: readOnly, attempt });
  const sources: Source[] = [...(shown.model ? (["model"] as const) : []), ...(shown.code.trim() ? (["code"] as const) : [])];
  const source: Source = wanted && sources.includes(wanted) ? wanted : (sources[0] ?? "code");

  useEffect(() => setDockOpen(!narrow), [narrow]);
  useEffect(() => select(null), [source, shown.model]);
  usePageTitle(shown.title);
  useEffect(() => {
    if (snapshot.theirs) setComparing(true);
  }, [snapshot.theirs]);

  const showTab = useCallback((next: Tab) => {
    setTab(next);
    setDockOpen(true);
    requestAnimationFrame(() => (next === "code" ? code.current?.focus() : document.getElementById("tab-note")?.focus()));
  }, []);
  const openInspector = (): void => {
    setDockOpen(true);
    requestAnimationFrame(() => document.getElementById("inspector")?.focus());
  };
  const saveNow = useCallback(async (): Promise<void> => {
    if (await session.saveNow()) say(`Saved as version ${session.read().state.version}.`);
  }, [session]);
  const changeCode = useCallback(
    (text: string) => {
      session.change("code", text);
      setWanted("code");
    },
    [session],
  );

  useKeys({
    drawing: () => {
      setSurface("drawing");
      requestAnimationFrame(() => picture.current?.focus());
    },
    canvas: () => setSurface("canvas"),
    code: () => showTab("code"),
    note: () => showTab("note"),
    inspector: openInspector,
    unresolved: () => setLayout({ unresolved: !layout.unresolved }),
    save: () => void saveNow(),
    showAll: () => picture.current?.showAll(),
    problem: (step) => {
      showTab("code");
      requestAnimationFrame(() => code.current?.goToProblem(step));
    },
  });

  const nameOf = (card: string): string => (shown.model ? nameIn(shown.model, card) : card);
  const drawingProps = {
    title: shown.title,
    source,
    sources,
    onSource: setWanted,
    model: modelPicture,
    code: rendered,
    selection,
    onSelect: select,
    onOpen: openInspector,
    nameOf,
    onRetry: () => setAttempt(attempt + 1),
    handle: picture,
  };

  if (phone) {
    return <PhoneViewer session={session} document={shown} theme={theme} drawing={drawingProps} />;
  }
  const inspector = shown.model && surface === "drawing" && source === "model" ? <Inspector model={shown.model} selection={selection} onSelect={select} /> : null;
  return (
    <div className="ed">
      <TopBar session={session} snapshot={snapshot} title={shown.title} readOnly={readOnly} surface={surface} onSurface={setSurface} viewing={editing.viewing?.version ?? null} onView={editing.view} onConflict={() => setComparing(true)}>
        {!dockOpen && <IconButton icon={PanelRight} label="Show code and note" onClick={() => setDockOpen(true)} />}
      </TopBar>
      <div className="ed-banners">
        {editing.viewing && (
          <div className="banner" role="status">
            <span>
              <b className="b6">Version {editing.viewing.version}</b>, saved {clock(editing.viewing.updated_at)}. It can be read, not changed.
            </span>
            <span className="grow" />
            <Button size="s" busy={editing.restoring} onClick={() => void editing.restore()}>
              Restore this version
            </Button>
            <Button size="s" kind="ghost" onClick={() => editing.view(null)}>
              Back to the newest
            </Button>
          </div>
        )}
        {told && recovered && !editing.viewing && (
          <div className="banner" role="status">
            <span>
              <b className="b6">Unsaved changes from {clock(recovered.at)} are back.</b> This browser had kept them; {isUnsaved(snapshot.state) ? "they are not on the server yet." : "now they are saved."}
            </span>
            <span className="grow" />
            <Button size="s" kind="ghost" onClick={() => setTold(false)}>
              Good
            </Button>
          </div>
        )}
      </div>
      <div className={dockOpen ? "eb" : "eb no-dock"}>
        <Surfaces
          session={session}
          snapshot={snapshot}
          older={editing.viewing}
          surface={surface}
          theme={theme}
          model={source === "model" ? shown.model : null}
          unresolvedOpen={layout.unresolved}
          onUnresolved={() => setLayout({ unresolved: !layout.unresolved })}
          onShow={(card) => select({ kind: "card", id: card })}
          drawing={{ ...drawingProps, onEdit: shown.model && !readOnly ? () => void editing.edit() : null, editing: editing.editing, onWrite: readOnly ? null : () => showTab("code") }}
        />
        {narrow && dockOpen && <div className="dock-away" onClick={() => setDockOpen(false)} />}
        {dockOpen && (
          <Dock
            tab={tab}
            onTab={setTab}
            code={shown.code}
            codeKey={readOnly ? `v${editing.viewing?.version}` : `e${snapshot.epochs.code}`}
            rendered={rendered}
            cursor={cursor}
            onCursor={(line, column) => setCursor({ line, column })}
            onCode={changeCode}
            codeHandle={code}
            note={shown.note}
            noteKey={readOnly ? `v${editing.viewing?.version}` : `e${snapshot.epochs.note}`}
            noteMode={noteMode}
            onNoteMode={setNoteMode}
            onNote={(note) => session.change("note", note)}
            readOnly={readOnly}
            layout={layout}
            onLayout={setLayout}
            onHide={() => setDockOpen(false)}
            inspector={inspector}
          />
        )}
      </div>
      {snapshot.theirs && comparing && (
        <ConflictDialog
          session={session}
          theirs={snapshot.theirs}
          onClose={() => setComparing(false)}
          onCopied={(copy, leave) => {
            if (leave) go(`/d/${copy.id}`);
            else say(`Yours is kept as “${copy.title}”.`, { label: "Open", run: () => go(`/d/${copy.id}`) });
          }}
        />
      )}
      {editing.offer && (
        <Dialog
          title="The canvas is not empty"
          size="small"
          onClose={() => editing.answer("leave")}
          footer={
            <>
              <span className="grow" />
              <Button onClick={() => editing.answer("replace")}>Replace them</Button>
              <Button kind="primary" onClick={() => editing.answer("beside")}>
                Add beside
              </Button>
            </>
          }
        >
          <p className="dlg-b t2">It has {editing.offer.there} shapes. Put the drawing beside them, or in their place? The saved version stays either way.</p>
        </Dialog>
      )}
    </div>
  );
}

function firstSurface(session: Session): Surface {
  const { contents, model } = session.read();
  return !model && contents.code.trim() === "" && (contents.canvas?.elements.length ?? 0) > 0 ? "canvas" : "drawing";
}
