/** The true picture of a document, small. */
import { FileText } from "lucide-react";
import { useState, type ReactElement } from "react";
import { drawing, type DocumentHead } from "../api";
import { Icon, useTheme } from "../ui";

export function Thumbnail({ document }: { document: DocumentHead }): ReactElement {
  const theme = useTheme();
  const address = drawing.thumbnail(document.id, theme, document.version);
  const [failed, setFailed] = useState("");
  if (failed === address) {
    return (
      <span className="no-picture">
        <Icon of={FileText} size={20} />
      </span>
    );
  }
  return <img src={address} alt="" loading="lazy" decoding="async" draggable={false} onError={() => setFailed(address)} />;
}
