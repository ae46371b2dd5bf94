/** The title of a document, edited in place. */
import { useEffect, useRef, useState, type ReactElement } from "react";

const LONGEST = 200;

interface TitleProps {
  title: string;
  readOnly: boolean;
  onChange: (title: string) => void;
}

export function Title({ title, readOnly, onChange }: TitleProps): ReactElement {
  const [text, setText] = useState(title);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(title), [title]);

  const take = (): void => {
    const next = text.trim();
    if (next === "") setText(title);
    else if (next !== title) onChange(next);
  };
  if (readOnly) return <h1 className="ttl trunc">{title}</h1>;
  return (
    <h1 className="ttl" data-text={text || "Title"}>
      <input
        ref={input}
        value={text}
        aria-label="Title"
        title="Rename"
        maxLength={LONGEST}
        size={1}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Escape") setText(title);
          if (event.key === "Enter" || event.key === "Escape") requestAnimationFrame(() => input.current?.blur());
        }}
      />
    </h1>
  );
}
