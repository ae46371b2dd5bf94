/** New document. */
import type { ReactElement } from "react";
import { Dialog } from "../ui";
export function NewDocument({ kind, onClose }: { kind: string; onKind: (kind: string) => void; onClose: () => void }): ReactElement {
  return (
    <Dialog title="New document" size="wide" onClose={onClose}>
      {kind}
    </Dialog>
  );
}
