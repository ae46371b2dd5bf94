/** Problems in the code: a red line, the message below it, and keys to go from one to the next. */
import { StateEffect, StateField, type EditorState, type Extension, type Range, type StateCommand } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, gutterLineClass, gutterWidgetClass, WidgetType, type DecorationSet } from "@codemirror/view";
import { RangeSet } from "@codemirror/state";
import type { Diagnostic } from "../../api";

export const setProblems = StateEffect.define<readonly Diagnostic[]>();

class Message extends WidgetType {
  constructor(private readonly text: string) {
    super();
  }
  override eq(other: Message): boolean {
    return other.text === this.text;
  }
  override toDOM(): HTMLElement {
    const line = document.createElement("div");
    line.className = "cm-problem-message";
    line.textContent = this.text;
    return line;
  }
  override get estimatedHeight(): number {
    return 24;
  }
}

class ProblemLine extends GutterMarker {
  override elementClass = "cm-problem-gutter";
}
const problemLine = new ProblemLine();

class MessageGutter extends GutterMarker {
  override elementClass = "cm-message-gutter";
}
const messageGutter = new MessageGutter();
const lineMark = Decoration.line({ class: "cm-problem-line" });
const rangeMark = Decoration.mark({ class: "cm-problem-range" });

interface Problems {
  readonly list: readonly Diagnostic[];
  readonly marks: DecorationSet;
  readonly gutter: RangeSet<GutterMarker>;
}

const NONE: Problems = { list: [], marks: Decoration.none, gutter: RangeSet.empty };

const field = StateField.define<Problems>({
  create: () => NONE,
  update(problems, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setProblems)) return mark(transaction.state, effect.value);
    }
    if (!transaction.docChanged || problems === NONE) return problems;
    return { ...problems, marks: problems.marks.map(transaction.changes), gutter: problems.gutter.map(transaction.changes) };
  },
  provide: (self) => [
    EditorView.decorations.from(self, (problems) => problems.marks),
    gutterLineClass.from(self, (problems) => problems.gutter),
  ],
});

function mark(state: EditorState, list: readonly Diagnostic[]): Problems {
  if (list.length === 0) return NONE;
  const marks: Range<Decoration>[] = [];
  const gutter: Range<GutterMarker>[] = [];
  for (const problem of list) {
    const line = state.doc.line(Math.min(Math.max(1, problem.line), state.doc.lines));
    const from = Math.min(line.to, line.from + Math.max(0, problem.column - 1));
    const to = problem.end_line > problem.line ? line.to : Math.min(line.to, line.from + Math.max(0, problem.end_column - 1));
    const text = problem.message.split("\n").find((part) => part.trim()) ?? "This line cannot be read.";
    marks.push(lineMark.range(line.from));
    if (to > from) marks.push(rangeMark.range(from, to));
    marks.push(Decoration.widget({ widget: new Message(text), block: true, side: 1 }).range(line.to));
    gutter.push(problemLine.range(line.from));
  }
  return { list, marks: Decoration.set(marks, true), gutter: RangeSet.of(gutter, true) };
}

function goTo(step: 1 | -1): StateCommand {
  return ({ state, dispatch }) => {
    const { list } = state.field(field);
    const here = state.doc.lineAt(state.selection.main.head).number;
    const lines = [...new Set(list.map((problem) => problem.line))].sort((a, b) => a - b);
    if (lines.length === 0) return false;
    const next = step > 0 ? (lines.find((line) => line > here) ?? lines[0]) : (lines.findLast((line) => line < here) ?? lines.at(-1));
    const problem = list.find((one) => one.line === next);
    if (!problem) return false;
    const line = state.doc.line(Math.min(problem.line, state.doc.lines));
    const anchor = Math.min(line.to, line.from + Math.max(0, problem.column - 1));
    dispatch(state.update({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) }));
    return true;
  };
}

export const nextProblem = goTo(1);
export const previousProblem = goTo(-1);

export function problems(): Extension {
  return [field, gutterWidgetClass.of((_view, widget) => (widget instanceof Message ? messageGutter : null))];
}
