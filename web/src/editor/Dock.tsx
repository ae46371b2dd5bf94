/** The panel at the right: code or note above, what is known about the selection below. */
import { PanelRight, TriangleAlert } from "lucide-react";
import { useRef, type KeyboardEvent, type ReactElement, type ReactNode, type Ref } from "react";
import { Icon, IconButton } from "../ui";
import { CodeEditor, type CodeHandle } from "./code/CodeEditor";
import type { RenderedCode } from "./code/useRendered";
import { Divider } from "./Divider";
import { CopyButton } from "./evidence/EvidenceCard";
import { DOCK_LIMITS, SPLIT_LIMITS, type Layout } from "./layout";
import { NotePanel, type NoteMode } from "./note/NotePanel";

export type Tab = "code" | "note";
const TABS: readonly { tab: Tab; label: string; keys: string }[] = [
  { tab: "code", label: "Code", keys: "Alt 2" },
  { tab: "note", label: "Note", keys: "Alt 3" },
];

interface DockProps {
  tab: Tab;
  onTab: (tab: Tab) => void;
  code: string;
  codeKey: string;
  rendered: RenderedCode;
  cursor: { line: number; column: number };
  onCursor: (line: number, column: number) => void;
  onCode: (code: string) => void;
  codeHandle: Ref<CodeHandle>;
  note: string;
  noteKey: string;
  noteMode: NoteMode;
  onNoteMode: (mode: NoteMode) => void;
  onNote: (note: string) => void;
  readOnly: boolean;
  layout: Layout;
  onLayout: (part: Partial<Layout>) => void;
  onHide: () => void;
  inspector: ReactNode;
}

export function Dock(props: DockProps): ReactElement {
  const frame = useRef<HTMLElement>(null);
  const { tab, layout, onLayout, inspector } = props;

  const onTabKey = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    props.onTab(tab === "code" ? "note" : "code");
    event.currentTarget.querySelector<HTMLElement>("[aria-selected=false]")?.focus();
  };

  return (
    <aside className="dock" ref={frame} aria-label="Code, note and evidence" style={{ width: layout.dock }}>
      <Divider label="Width of the panel" orientation="vertical" value={layout.dock} least={DOCK_LIMITS.least} most={DOCK_LIMITS.most} step={16} usual={404} direction={-1} valueAt={(event) => (frame.current?.getBoundingClientRect().right ?? 0) - event.clientX} onChange={(dock) => onLayout({ dock })} />
      <div className="dock-up" style={inspector ? { flexBasis: `${layout.split * 100}%` } : { flex: 1 }}>
        <div className="tabs">
          <div className="row tablist" role="tablist" aria-label="Panel" onKeyDown={onTabKey}>
            {TABS.map((one) => (
              <button type="button" role="tab" key={one.tab} id={`tab-${one.tab}`} aria-selected={one.tab === tab} aria-controls="dock-panel" tabIndex={one.tab === tab ? 0 : -1} title={one.keys} onClick={() => props.onTab(one.tab)}>
                {one.label}
              </button>
            ))}
          </div>
          <span className="grow" />
          <TabTools {...props} />
          <IconButton icon={PanelRight} iconSize={14} size="s" label="Hide panel" onClick={props.onHide} />
        </div>
        <div className="dock-panel" id="dock-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
          {tab === "code" ? <CodePart {...props} /> : <NotePanel key={props.noteKey} note={props.note} mode={props.noteMode} readOnly={props.readOnly} onChange={props.onNote} />}
        </div>
      </div>
      {inspector && (
        <>
          <Divider
            label="Height of the inspector"
            orientation="horizontal"
            value={layout.split}
            least={SPLIT_LIMITS.least}
            most={SPLIT_LIMITS.most}
            step={0.04}
            usual={0.47}
            direction={1}
            valueAt={(event) => {
              const box = frame.current?.getBoundingClientRect();
              return box ? (event.clientY - box.top) / box.height : layout.split;
            }}
            onChange={(split) => onLayout({ split })}
          />
          {inspector}
        </>
      )}
    </aside>
  );
}

function TabTools({ tab, code, noteMode, onNoteMode, readOnly }: DockProps): ReactElement | null {
  if (tab === "code") return code ? <CopyButton text={code} label="Copy code" /> : null;
  if (readOnly) return null;
  return (
    <div className="seg" role="group" aria-label="Read or write the note">
      {(["read", "write"] as const).map((mode) => (
        <button type="button" key={mode} className={mode === noteMode ? "on" : undefined} aria-pressed={mode === noteMode} onClick={() => onNoteMode(mode)}>
          {mode === "read" ? "Read" : "Write"}
        </button>
      ))}
    </div>
  );
}

function CodePart({ code, codeKey, rendered, cursor, onCursor, onCode, codeHandle, readOnly }: DockProps): ReactElement {
  const problems = rendered.diagnostics.length;
  return (
    <>
      <CodeEditor key={codeKey} initial={code} diagnostics={rendered.diagnostics} readOnly={readOnly} onChange={onCode} onCursor={onCursor} handle={codeHandle} />
      <footer className="cf">
        {problems > 0 && (
          <span className="bad row problems" title="Next problem: F8">
            <Icon of={TriangleAlert} size={12} />
            {problems === 1 ? "1 problem" : `${problems} problems`}
          </span>
        )}
        <span className="trunc" role="status">
          {words(rendered)}
        </span>
        <span className="grow" />
        <span className="tn">
          {cursor.line}:{cursor.column}
        </span>
      </footer>
    </>
  );
}

function words(rendered: RenderedCode): string {
  if (rendered.failure) return rendered.failure;
  if (rendered.diagnostics.length === 0) return "Mermaid";
  return rendered.svg ? "Drawing keeps the last good picture" : "Nothing is drawn yet";
}
