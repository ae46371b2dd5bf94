/** Downloads of the document, drawn and written by the server from its saved version. */
import { Braces, Download, FileCode, Image, Moon, Shapes } from "lucide-react";
import type { ReactElement } from "react";
import { drawing, type DrawingTheme, type ExportFormat } from "../../api";
import { Icon, Menu, say, type MenuItem } from "../../ui";

interface ExportMenuProps {
  documentId: string;
  hasModel: boolean;
  hasCode: boolean;
  /** Makes sure that what is seen is what is exported; false when it could not be saved. */
  saveFirst: () => Promise<boolean>;
}

export function ExportMenu({ documentId, hasModel, hasCode, saveFirst }: ExportMenuProps): ReactElement | null {
  const get = (format: ExportFormat, theme: DrawingTheme = "light") => async (): Promise<void> => {
    if (!(await saveFirst())) say("The last changes are not saved yet: the file has the last saved version.");
    const link = document.createElement("a");
    link.href = drawing.download(documentId, format, theme);
    link.download = "";
    link.click();
  };
  const item = (label: string, icon: NonNullable<MenuItem["icon"]>, pick: () => Promise<void>): MenuItem => ({ label, icon, onPick: () => void pick() });
  const items: MenuItem[] = [
    item("Picture, light (SVG)", Image, get("svg")),
    item("Picture, dark (SVG)", Moon, get("svg", "dark")),
    item("Mermaid code", FileCode, get("mermaid")),
    ...(hasModel ? [item("Model (JSON)", Braces, get("json")), item("Editable shapes (Excalidraw)", Shapes, get("excalidraw"))] : []),
  ];
  if (!hasModel && !hasCode) return null;
  return (
    <Menu label="Export" items={items} align="end">
      {(trigger) => (
        <button type="button" className="btn s" {...trigger}>
          <Icon of={Download} />
          Export
        </button>
      )}
    </Menu>
  );
}
