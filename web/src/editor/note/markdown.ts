/** Notes: Markdown with tables and task lists, as HTML that is safe to show. */
import DOMPurify from "dompurify";
import MarkdownIt from "markdown-it";

const TASK = /^\[([ xX])\]\s+/u;

const reader = new MarkdownIt({ html: false, linkify: true, typographer: false });

// A list item that begins with [ ] or [x] becomes a box that knows its line.
reader.core.ruler.after("inline", "tasks", (state) => {
  state.tokens.forEach((token, at) => {
    const item = state.tokens[at - 2];
    const text = token.children?.[0];
    const mark = token.type === "inline" && item?.type === "list_item_open" ? TASK.exec(token.content) : null;
    if (!mark || !item || text?.type !== "text") return;
    const done = mark[1] !== " ";
    text.content = text.content.replace(TASK, "");
    const box = new state.Token("task", "input", 0);
    box.meta = { done, line: item.map?.[0] ?? 0, text: text.content };
    token.children?.unshift(box);
    item.attrJoin("class", done ? "task done" : "task");
  });
});
reader.renderer.rules["task"] = (tokens, at) => {
  const meta: unknown = tokens[at]?.meta;
  const { done, line, text } = meta as { done: boolean; line: number; text: string };
  const label = reader.utils.escapeHtml(text || "Task");
  return `<input type="checkbox" class="chk" data-line="${line}" aria-label="${label}"${done ? " checked" : ""}>`;
};

// A picture from elsewhere would make a request leave the machine: it becomes a link.
reader.renderer.rules["image"] = (tokens, at) => {
  const token = tokens[at];
  const address = reader.utils.escapeHtml(String(token?.attrGet("src") ?? ""));
  const text = reader.utils.escapeHtml(token?.content || "picture");
  return `<a href="${address}">${text}</a>`;
};

const purifier = DOMPurify();
purifier.addHook("afterSanitizeAttributes", (element) => {
  if (element.tagName !== "A") return;
  element.setAttribute("target", "_blank");
  element.setAttribute("rel", "noopener noreferrer");
});

export function readNote(text: string): string {
  return purifier.sanitize(reader.render(text), {
    USE_PROFILES: { html: true },
    ADD_ATTR: ["target"],
    FORBID_TAGS: ["img", "form", "style", "iframe", "video", "audio", "source", "picture"],
    FORBID_ATTR: ["style", "id", "name"],
  });
}

/** Tick or untick the task on one line (from 0). */
export function toggleTask(text: string, line: number): string {
  const lines = text.split("\n");
  lines[line] = (lines[line] ?? "").replace(/\[([ xX])\]/u, (_box, mark: string) => (mark === " " ? "[x]" : "[ ]"));
  return lines.join("\n");
}

export function countWords(text: string): number {
  return text.match(/[\p{L}\p{N}]+(?:['’\-.][\p{L}\p{N}]+)*/gu)?.length ?? 0;
}
