/** Give a document another title. */
import { useState, type FormEvent, type ReactElement } from "react";
import { isProblem, type DocumentHead } from "../api";
import { Button, Dialog, Field, say } from "../ui";

const LONGEST_TITLE = 200;

interface RenameDialogProps {
  document: DocumentHead;
  rename: (document: DocumentHead, title: string) => Promise<void>;
  onClose: () => void;
}

export function RenameDialog({ document, rename, onClose }: RenameDialogProps): ReactElement {
  const [title, setTitle] = useState(document.title);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const trimmed = title.trim();
    if (trimmed === "") return setFault("Enter a title");
    if (trimmed === document.title) return onClose();
    setBusy(true);
    try {
      await rename(document, trimmed);
      say(`Renamed to “${trimmed}”`);
      onClose();
    } catch (problem) {
      setFault(isProblem(problem) ? (problem.of("title") ?? problem.message) : "The title was not changed.");
      setBusy(false);
    }
  };

  return (
    <Dialog title="Rename document" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate style={{ display: "contents" }}>
        <div className="dlg-b">
          <Field
            label="Title"
            autoFocus
            autoComplete="off"
            maxLength={LONGEST_TITLE}
            value={title}
            fault={fault}
            onFocus={(event) => event.target.select()}
            onText={(text) => {
              setTitle(text);
              setFault(undefined);
            }}
          />
        </div>
        <footer className="dlg-f">
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={busy}>
            Rename document
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
