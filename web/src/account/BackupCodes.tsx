/** Backup codes, shown this once: to be copied or kept as a file before one goes on. */
import { Download } from "lucide-react";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { Button, Icon } from "../ui";
import { CopyButton } from "./AppKey";
import { codesFile } from "./codes";

interface BackupCodesProps {
  codes: readonly string[];
  email: string;
  large?: boolean;
  doneLabel: string;
  onDone: () => void;
}

export function BackupCodes({ codes, email, large = false, doneLabel, onDone }: BackupCodesProps): ReactElement {
  const [kept, keep] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const file = codesFile(codes, location.host, email);
  // Whoever hears the page hears the codes first.
  useEffect(() => list.current?.focus(), []);
  return (
    <>
      <ul ref={list} tabIndex={-1} data-first className="codes mono" aria-label="Backup codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="app-key-acts">
        <CopyButton text={codes.join("\n")} what="codes" />
        <a className="btn s" download="autograph-backup-codes.txt" href={`data:text/plain;charset=utf-8,${encodeURIComponent(file)}`}>
          <Icon of={Download} />
          Download
        </a>
      </div>
      <label className="row">
        <input className="chk" type="checkbox" checked={kept} onChange={(event) => keep(event.target.checked)} />
        I have put them where I find them without my phone
      </label>
      <Button kind="primary" size={large ? "l" : "m"} className={large ? "block" : ""} offBecause={!kept && "Keep the codes first"} onClick={onDone}>
        {doneLabel}
      </Button>
    </>
  );
}
