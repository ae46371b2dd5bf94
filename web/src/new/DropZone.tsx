/** Where a file is dropped or picked. */
import { Upload } from "lucide-react";
import { useRef, useState, type DragEvent, type ReactElement, type ReactNode } from "react";
import { Button, Fault, Icon } from "../ui";

interface DropZoneProps {
  accept: string;
  /** What to drop: "a .zip or .tar.gz archive". */
  what: string;
  button: string;
  fault?: string | undefined;
  children?: ReactNode;
  onFile: (file: File) => void;
}

export function DropZone({ accept, what, button, fault, children, onFile }: DropZoneProps): ReactElement {
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) onFile(file);
  };
  return (
    <div
      className={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={drop}
    >
      <span className="t3">
        <Icon of={Upload} size={24} />
      </span>
      <p className="b5">Drop {what} here</p>
      {children && <p className="t3 f12">{children}</p>}
      {fault && <Fault>{fault}</Fault>}
      <Button onClick={() => picker.current?.click()}>{button}</Button>
      <input
        ref={picker}
        type="file"
        hidden
        accept={accept}
        aria-label={button}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
    </div>
  );
}
