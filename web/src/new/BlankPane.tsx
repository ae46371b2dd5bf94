/** An empty canvas. */
import { useState, type ReactElement } from "react";
import { diagrams } from "../api";
import { Field } from "../ui";
import { Pane } from "./Pane";
import { LONGEST_TITLE, useCreate } from "./useCreate";

export function BlankPane({ onClose }: { onClose: () => void }): ReactElement {
  const [title, setTitle] = useState("Untitled");
  const create = useCreate((name) => diagrams.create({ title: name }));
  return (
    <Pane
      hint="Code and a note can be added to it at any time."
      action="Create canvas"
      notYet={title.trim() === "" && "Give the document a title first"}
      busy={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate(title)}
      onClose={onClose}
    >
      <Field label="Title" autoFocus autoComplete="off" maxLength={LONGEST_TITLE} value={title} onFocus={(event) => event.target.select()} onText={setTitle} />
      <div className="blank-sheet" aria-hidden="true" />
    </Pane>
  );
}
