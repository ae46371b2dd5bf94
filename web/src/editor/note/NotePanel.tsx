/** The note of a document: written in Markdown, read as a page. */
import { history, historyKeymap, defaultKeymap } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, placeholder } from "@codemirror/view";
import { useEffect, useMemo, useRef, type MouseEvent, type ReactElement } from "react";
import { countWords, readNote, toggleTask } from "./markdown";

export type NoteMode = "read" | "write";

interface NotePanelProps {
  note: string;
  mode: NoteMode;
  readOnly: boolean;
  onChange: (note: string) => void;
}

export function NotePanel({ note, mode, readOnly, onChange }: NotePanelProps): ReactElement {
  return (
    <>
      {mode === "write" && !readOnly ? <Writer initial={note} onChange={onChange} /> : <Page note={note} readOnly={readOnly} onChange={onChange} />}
      <footer className="cf">
        <span className="tn">{countWords(note)} words</span>
        <span className="grow" />
        <span>Markdown</span>
      </footer>
    </>
  );
}

/** The note as a page. */
export function Page({ note, readOnly, onChange }: { note: string; readOnly: boolean; onChange: (note: string) => void }): ReactElement {
  const html = useMemo(() => readNote(note), [note]);
  const tick = (event: MouseEvent): void => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.dataset["line"] === undefined) return;
    if (readOnly) event.preventDefault();
    else onChange(toggleTask(note, Number(box.dataset["line"])));
  };
  if (note.trim() === "") {
    return (
      <div className="md">
        <p className="t3">{readOnly ? "There is no note." : "Nothing is written yet. Choose Write and note what the drawing cannot say."}</p>
      </div>
    );
  }
  return <div className="md" role="document" aria-label="Note" tabIndex={0} onClick={tick} dangerouslySetInnerHTML={{ __html: html }} />;
}

function Writer({ initial, onChange }: { initial: string; onChange: (note: string) => void }): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const tell = useRef(onChange);
  const start = useRef(initial);
  useEffect(() => {
    tell.current = onChange;
  });

  useEffect(() => {
    if (!host.current) return;
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: start.current,
        extensions: [
          history(),
          drawSelection(),
          EditorView.lineWrapping,
          placeholder("# What this is about\n\n- [ ] An open question"),
          EditorView.contentAttributes.of({ tabindex: "0", "aria-label": "Note in Markdown", spellcheck: "true" }),
          keymap.of([{ key: "Escape", run: (editor) => (editor.contentDOM.blur(), true) }, ...defaultKeymap, ...historyKeymap]),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            start.current = update.state.doc.toString();
            tell.current(start.current);
          }),
        ],
      }),
    });
    view.focus();
    return () => view.destroy();
  }, []);

  return <div className="ed-note" ref={host} />;
}
