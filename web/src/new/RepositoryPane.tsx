/** From a repository: an archive, a git address or a folder of the server is read and becomes a diagram. */
import { useQuery } from "@tanstack/react-query";
import { FileArchive, GitBranch } from "lucide-react";
import { useState, type ReactElement } from "react";
import { analysis, flags, type Job } from "../api";
import { Button, Failure, Field, figure, Icon, size } from "../ui";
import { DropZone } from "./DropZone";
import { Found } from "./Found";
import { Pane } from "./Pane";
import { archiveFault } from "./upload";
import { LONGEST_TITLE, useCreate } from "./useCreate";
import { useJob, type Given, type Reading } from "./useJob";

type From = "archive" | "git" | "folder";

const STATES: Readonly<Record<string, string>> = {
  queued: "Waiting for its turn",
  fetching: "Fetching the repository",
  reading: "Reading",
  merging: "Putting the findings together",
};

/** "shop/platform" for an address, "platform" for an archive. */
export function titleFrom(given: Given): string {
  if ("archive" in given) return given.archive.name.replace(/\.(zip|tar\.gz|tgz)$/iu, "");
  if ("git_url" in given) return given.git_url.replace(/\/+$/u, "").replace(/\.git$/u, "").split(/[/:]/u).slice(-2).join("/") || "Repository";
  return given.folder.split("/").filter(Boolean).at(-1) ?? given.root;
}

export function gitFault(address: string): string | undefined {
  if (/^https:\/\/[^/\s]+\/\S+$/u.test(address) || /^(ssh:\/\/|git@)\S+$/u.test(address)) return undefined;
  return "Enter an address that starts with https://";
}

export function RepositoryPane({ onClose }: { onClose: () => void }): ReactElement {
  const [title, setTitle] = useState("");
  const [source, setSource] = useState("");
  const [last, setLast] = useState<Given>();
  const { reading, start, cancel } = useJob();
  const done = reading.state === "done" ? reading.job : undefined;
  const create = useCreate((name) => analysis.createDocument(done?.id ?? "", name));

  const read = (given: Given) => {
    const name = titleFrom(given).slice(0, LONGEST_TITLE);
    setTitle(name);
    setSource("archive" in given ? given.archive.name : name);
    setLast(given);
    void start(given);
  };

  return (
    <Pane
      hint="Read-only access. Of the code, only the lines shown as evidence are kept."
      action="Create diagram"
      notYet={!done ? "Read a repository first" : title.trim() === "" && "Give the diagram a title first"}
      busy={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate(title)}
      onClose={onClose}
    >
      {reading.state === "idle" && <Choose onGiven={read} />}
      {(reading.state === "sending" || reading.state === "reading") && <UnderWay source={source} reading={reading} onCancel={cancel} />}
      {reading.state === "failed" && (
        <div className="centred">
          <Failure title="The repository could not be read" error={reading.error} retry={() => last && void start(last)} />
          <Button kind="ghost" onClick={cancel}>
            Choose another source
          </Button>
        </div>
      )}
      {done?.summary && (
        <>
          <div className="g2">
            <SourceLine job={done} source={source} onChange={cancel} />
            <Field label="Title" autoFocus autoComplete="off" maxLength={LONGEST_TITLE} value={title} onText={setTitle} />
          </div>
          <Found job={done} summary={done.summary} />
        </>
      )}
    </Pane>
  );
}

function SourceLine({ job, source, onChange }: { job: Job; source: string; onChange: () => void }): ReactElement {
  return (
    <div className="field">
      <span className="lbl">Repository</span>
      <div className="inp quiet">
        <Icon of={GitBranch} />
        <span className="grow trunc">{source}</span>
        {job.summary?.revision && <span className="mono t3">{job.summary.revision.slice(0, 7)}</span>}
        <button type="button" className="linkish f12 acc" onClick={onChange}>
          Change
        </button>
      </div>
    </div>
  );
}

function Choose({ onGiven }: { onGiven: (given: Given) => void }): ReactElement {
  const roots = useQuery({ queryKey: ["roots"], queryFn: ({ signal }) => analysis.roots(signal), retry: false });
  const folders = roots.data?.roots ?? [];
  const [from, setFrom] = useState<From>("archive");
  const mine = useQuery({ queryKey: ["flags"], queryFn: ({ signal }) => flags(signal), retry: false });
  const ways: [From, string][] = [["archive", "Archive"]];
  if (mine.data?.["import-from-git"]?.value !== false) ways.push(["git", "Git address"]);
  if (folders.length > 0) ways.push(["folder", "Folder on the server"]);
  return (
    <>
      <div className="seg" role="group" aria-label="Where the repository is">
        {ways.map(([one, name]) => (
          <button key={one} type="button" className={one === from ? "on" : ""} aria-pressed={one === from} onClick={() => setFrom(one)}>
            {name}
          </button>
        ))}
      </div>
      {from === "archive" && <FromArchive onGiven={onGiven} />}
      {from === "git" && <FromGit onGiven={onGiven} />}
      {from === "folder" && <FromFolder names={folders.map(({ name }) => name)} onGiven={onGiven} />}
    </>
  );
}

function FromArchive({ onGiven }: { onGiven: (given: Given) => void }): ReactElement {
  const [fault, setFault] = useState<string>();
  const take = (archive: File) => {
    const wrong = archiveFault(archive);
    setFault(wrong);
    if (!wrong) onGiven({ archive });
  };
  return (
    <DropZone accept=".zip,.tar.gz,.tgz,.gz" what="a .zip or .tar.gz of the repository" button="Choose an archive" fault={fault} onFile={take}>
      Up to 200 MB. The code is read on this server and nothing of it is run.
    </DropZone>
  );
}

/** Enter in a field reads the source; it does not send the form around it. */
function onEnter(run: () => void) {
  return (event: { key: string; preventDefault: () => void }) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    run();
  };
}

function FromGit({ onGiven }: { onGiven: (given: Given) => void }): ReactElement {
  const [address, setAddress] = useState("");
  const [ref, setRef] = useState("");
  const [fault, setFault] = useState<string>();
  const read = () => {
    const wrong = gitFault(address.trim());
    setFault(wrong);
    if (!wrong) onGiven({ git_url: address.trim(), ...(ref.trim() && { ref: ref.trim() }) });
  };
  return (
    <div className="source-form">
      <div className="g2">
        <Field label="Repository" type="url" autoFocus spellCheck={false} placeholder="https://git.example.com/shop/platform.git" value={address} fault={fault} onText={setAddress} onKeyDown={onEnter(read)} />
        <Field label="Branch or commit" mono spellCheck={false} placeholder="the default branch" value={ref} onText={setRef} onKeyDown={onEnter(read)} />
      </div>
      <Button onClick={read}>Read repository</Button>
    </div>
  );
}

function FromFolder({ names, onGiven }: { names: readonly string[]; onGiven: (given: Given) => void }): ReactElement {
  const [root, setRoot] = useState(names[0] ?? "");
  const [folder, setFolder] = useState("");
  const read = () => onGiven({ root, folder: folder.trim() });
  return (
    <div className="source-form">
      <div className="g2">
        <label className="field">
          <span className="lbl">Root</span>
          <span className="inp">
            <select value={root} onChange={(event) => setRoot(event.target.value)}>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </span>
        </label>
        <Field label="Folder inside it" mono spellCheck={false} placeholder="the whole root" value={folder} onText={setFolder} onKeyDown={onEnter(read)} />
      </div>
      <Button onClick={read}>Read folder</Button>
    </div>
  );
}

interface UnderWayProps {
  source: string;
  reading: Extract<Reading, { state: "sending" | "reading" }>;
  onCancel: () => void;
}

/** What the bar shows: words, a figure, and how far it is from 0 to 1, or null when nobody knows. */
export function progressOf(reading: UnderWayProps["reading"]): { words: string; count: string; share: number | null } {
  if (reading.state === "sending") {
    const share = reading.size > 0 ? reading.sent / reading.size : null;
    return { words: "Sending", count: reading.size > 0 ? `${size(reading.sent)} of ${size(reading.size)}` : "", share };
  }
  const { state, progress } = reading.job;
  const counting = progress.total > 0;
  return {
    words: state === "reading" && progress.current ? `Reading ${progress.current}` : (STATES[state] ?? "Reading"),
    count: counting ? `${figure(progress.done)} of ${figure(progress.total)} files` : "",
    share: counting ? progress.done / progress.total : null,
  };
}

function UnderWay({ source, reading, onCancel }: UnderWayProps): ReactElement {
  const { words, count, share } = progressOf(reading);
  const percent = share === null ? null : Math.min(100, Math.floor(share * 100));
  return (
    <div className="centred">
      <div className="under-way">
        <div className="row b5">
          <Icon of={FileArchive} />
          <span className="trunc">{source}</span>
        </div>
        <div className="row f12 t2">
          <span className="grow path-tail" title={words}>
            {words}
          </span>
          <span className="tn nw">{[count, percent === null ? "" : `${percent} %`].filter(Boolean).join(" · ")}</span>
        </div>
        <div className={percent === null ? "pbar unknown" : "pbar"} role="progressbar" aria-label={words} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent ?? undefined}>
          <i style={{ width: `${percent ?? 30}%` }} />
        </div>
        <Button onClick={onCancel}>Cancel reading</Button>
      </div>
    </div>
  );
}
