/** Colours for a few lines of any language: strings, comments, the common words, calls. Pure. */

export interface Piece {
  kind: "key" | "str" | "com" | "fn" | "";
  text: string;
}

const PIECES =
  /(?<com>\/\/.*|(?:^|\s)#(?![[!]).*|--\s.*|\/\*.*?(?:\*\/|$))|(?<str>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?|https?:\/\/[^\s"'<>]+)|(?<key>\b(?:abstract|as|async|await|case|catch|class|const|def|defer|do|else|enum|export|extends|final|finally|for|foreach|from|func|function|go|if|implements|import|in|interface|internal|is|let|match|module|namespace|new|null|None|override|package|private|protected|public|range|readonly|record|return|self|static|string|struct|super|switch|this|throw|throws|try|type|using|val|var|void|while|with|yield|true|false|True|False)\b|^\s*(?:- )?[\w.-]+(?=:(?:\s|$))|@[A-Za-z]\w*)|(?<fn>\b[A-Za-z_]\w*(?=\())/gu;

export function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of line.matchAll(PIECES)) {
    if (match.index > at) pieces.push({ kind: "", text: line.slice(at, match.index) });
    const named = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined);
    pieces.push({ kind: (named?.[0] ?? "") as Piece["kind"], text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < line.length) pieces.push({ kind: "", text: line.slice(at) });
  return pieces;
}

export interface NumberedLine {
  number: number;
  text: string;
  /** This is the line that proves it. */
  proof: boolean;
}

/** Lines of a snippet with their numbers in the file, without the indent that all of them share. */
export function linesOf(snippet: string, line: number, snippetLine: number): NumberedLine[] {
  const lines = snippet.replace(/\n$/u, "").split("\n");
  const filled = lines.filter((text) => text.trim() !== "");
  const indent = Math.min(...filled.map((text) => text.length - text.trimStart().length));
  const shared = Number.isFinite(indent) ? indent : 0;
  return lines.map((text, at) => ({
    number: line - snippetLine + 1 + at,
    text: text.slice(shared).replaceAll("\t", "  "),
    proof: at === snippetLine - 1,
  }));
}

/** A path in two: the folders, which may be shortened, and the name, which may not. */
export function splitPath(file: string): { folder: string; name: string } {
  const cut = file.lastIndexOf("/") + 1;
  return { folder: file.slice(0, cut), name: file.slice(cut) };
}
