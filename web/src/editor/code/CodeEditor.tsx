/** The Mermaid code of a document, in CodeMirror. */
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, redo } from "@codemirror/commands";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, foldService, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useImperativeHandle, useRef, type ReactElement, type Ref } from "react";
import type { Diagnostic } from "../../api";
import { blockEnd } from "./blocks";
import { mermaid } from "./mermaid";
import { nextProblem, previousProblem, problems, setProblems } from "./problems";

export interface CodeHandle {
  focus: () => void;
  goToProblem: (step: 1 | -1) => void;
}

interface CodeEditorProps {
  /** Taken when the editor is made; give another `key` to replace it. */
  initial: string;
  diagnostics: readonly Diagnostic[];
  readOnly: boolean;
  onChange: (code: string) => void;
  /** Line and column of the cursor, from 1. */
  onCursor: (line: number, column: number) => void;
  handle: Ref<CodeHandle>;
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--syn-key)" },
  { tag: tags.atom, color: "var(--syn-fn)" },
  { tag: tags.string, color: "var(--syn-str)" },
  { tag: tags.operator, color: "var(--syn-op)" },
  { tag: tags.comment, color: "var(--syn-com)" },
  { tag: tags.number, color: "var(--syn-fn)" },
  { tag: tags.meta, color: "var(--syn-com)" },
  { tag: tags.variableName, color: "var(--syn-id)" },
]);

const blocks = foldService.of((state, start) => {
  const line = state.doc.lineAt(start);
  const end = blockEnd(state.doc.toJSON(), line.number - 1);
  return end === null ? null : { from: line.to, to: state.doc.line(end + 1).from - 1 };
});

function extensions(): Extension {
  return [
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    foldGutter({ openText: "⌄", closedText: "›" }),
    codeFolding(),
    blocks,
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    EditorState.tabSize.of(2),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    search({ top: true }),
    mermaid,
    syntaxHighlighting(colours),
    problems(),
    placeholder("flowchart LR\n  a[Web] --> b[API]"),
    EditorView.contentAttributes.of({ tabindex: "0", "aria-label": "Mermaid code", spellcheck: "false", autocapitalize: "off" }),
    keymap.of([
      { key: "F8", run: nextProblem, shift: previousProblem, preventDefault: true },
      { key: "Mod-Shift-z", run: redo, preventDefault: true },
      // Esc gives the keyboard back to the page, since Tab indents here.
      { key: "Escape", run: (view) => (view.contentDOM.blur(), true) },
      ...closeBracketsKeymap,
      ...defaultKeymap.filter((binding) => binding.key !== "Escape"),
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      indentWithTab,
    ]),
  ];
}

export function CodeEditor({ initial, diagnostics, readOnly, onChange, onCursor, handle }: CodeEditorProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const writing = useRef(new Compartment());
  const callbacks = useRef({ onChange, onCursor });
  const start = useRef(initial);

  useEffect(() => {
    callbacks.current = { onChange, onCursor };
  });

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: start.current,
        extensions: [
          extensions(),
          writing.current.of([]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              start.current = update.state.doc.toString();
              callbacks.current.onChange(start.current);
            }
            if (update.docChanged || update.selectionSet) {
              const { head } = update.state.selection.main;
              const line = update.state.doc.lineAt(head);
              callbacks.current.onCursor(line.number, head - line.from + 1);
            }
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const locked = readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : [];
    view.current?.dispatch({ effects: writing.current.reconfigure(locked) });
  }, [readOnly]);

  useEffect(() => {
    view.current?.dispatch({ effects: setProblems.of(diagnostics) });
  }, [diagnostics]);

  useImperativeHandle(handle, () => ({
    focus: () => view.current?.focus(),
    goToProblem: (step) => {
      const editor = view.current;
      if (editor && (step > 0 ? nextProblem : previousProblem)(editor)) editor.focus();
    },
  }));

  return <div className="ed-code" ref={host} />;
}
