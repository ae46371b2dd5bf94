/** One proof: the file, the line and the text around it, the proving line tinted. */
import { Check, Code, Copy, FileText, Radio, Settings } from "lucide-react";
import { useEffect, useState, type ReactElement } from "react";
import type { Evidence, Known } from "../../api";
import { Icon } from "../../ui";
import { linesOf, piecesOf, splitPath } from "./snippet";

/** How something is known, in a word. */
export const KNOWN: Record<Known, string> = {
  trace: "Seen in traces",
  code: "Read from code",
  config: "Read from configuration",
  declared: "Declared",
  inferred: "Inferred",
};

const ICONS = { trace: Radio, code: Code, config: Settings, declared: FileText, inferred: FileText } as const;

export function EvidenceCard({ evidence }: { evidence: Evidence }): ReactElement {
  const place = `${evidence.file}:${evidence.line}`;
  return (
    <article className="ev" aria-label={`${KNOWN[evidence.known]}: ${place}`}>
      <header className="ev-h">
        <span className="t3" title={KNOWN[evidence.known]}>
          <Icon of={ICONS[evidence.known]} size={14} />
        </span>
        <Place file={evidence.file} line={evidence.line} />
        {evidence.rule && (
          <span className="t3 f12 trunc ev-rule" title={`Rule: ${evidence.rule}`}>
            {evidence.rule}
          </span>
        )}
        <CopyButton text={place} label={`Copy ${place}`} />
      </header>
      {evidence.snippet && <Snippet evidence={evidence} />}
    </article>
  );
}

export function Place({ file, line }: { file: string; line?: number }): ReactElement {
  const { folder, name } = splitPath(file);
  return (
    <span className="mono pth" title={line === undefined ? file : `${file}:${line}`}>
      <span className="t3">
        <bdi>{folder}</bdi>
      </span>
      <span>
        {name}
        {line !== undefined && <b>:{line}</b>}
      </span>
    </span>
  );
}

export function Snippet({ evidence }: { evidence: Evidence }): ReactElement {
  return (
    <div className="code" role="group" aria-label="Text of the file" tabIndex={0}>
      {linesOf(evidence.snippet, evidence.line, evidence.snippet_line).map((line) => (
        <div className={line.proof ? "l on" : "l"} key={line.number}>
          <i>{line.number}</i>
          <span>
            {piecesOf(line.text).map((piece, at) => (
              <span className={piece.kind ? `sy-${piece.kind}` : undefined} key={at}>
                {piece.text}
              </span>
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }): ReactElement | null {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  // Browsers offer the clipboard over https and on this machine only.
  if (!navigator.clipboard) return null;
  return (
    <button type="button" className="ib s" aria-label={copied ? "Copied" : label} title={copied ? "Copied" : label} onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
      <Icon of={copied ? Check : Copy} size={14} />
    </button>
  );
}
