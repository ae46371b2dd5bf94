/** Import a file of one's own. */
import { useState, type ReactElement } from "react";
import { diagrams } from "../api";
import { Field } from "../ui";
import { DropZone } from "./DropZone";
import { ACCEPTED, importFile, ImportFault, type Imported } from "./importFile";
import { Pane } from "./Pane";
import { LONGEST_TITLE, useCreate } from "./useCreate";

export function FilePane({ onClose }: { onClose: () => void }): ReactElement {
  const [read, setRead] = useState<Imported>();
  const [title, setTitle] = useState("");
  const [fault, setFault] = useState<string>();
  const create = useCreate((name) => diagrams.create({ ...read?.contents, title: name, file_type: read?.file_type ?? "mixed" }));

  const take = async (file: File) => {
    setFault(undefined);
    try {
      const imported = await importFile(file);
      setRead(imported);
      setTitle(imported.title);
    } catch (reason) {
      setRead(undefined);
      setFault(reason instanceof ImportFault ? reason.message : "The file could not be read. Choose it again.");
    }
  };

  return (
    <Pane
      hint="The file is read here and saved as a document of yours."
      action="Create document"
      notYet={!read ? "Choose a file first" : title.trim() === "" && "Give the document a title first"}
      busy={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate(title)}
      onClose={onClose}
    >
      {read && <Field label="Title" autoFocus autoComplete="off" maxLength={LONGEST_TITLE} value={title} hint={`Found ${read.found}.`} onText={setTitle} />}
      <DropZone accept={ACCEPTED} what={read ? "another file" : "a file"} button="Choose a file" fault={fault} onFile={(file) => void take(file)}>
        A drawing (.excalidraw), a diagram (.mmd) or a note (.md), up to 25 MB
      </DropZone>
    </Pane>
  );
}
