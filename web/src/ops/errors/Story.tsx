/** The story of an error: its newest events one by one, each with request, stack trace and what came before. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, Copy } from "lucide-react";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { operations, type ErrorGroup, type ErrorMark } from "../../api";
import { ago, Answer, Button, counted, Dialog, exactly, IconButton, say, sayFailure } from "../../ui";
import { contextOf, nameOf, stateOf, traceOf, type ErrorEvent, type Frame } from "./error";

interface StoryProps {
  fingerprint: string;
  mayMark: boolean;
  onClose: () => void;
}

export function Story({ fingerprint, mayMark, onClose }: StoryProps): ReactElement {
  const query = useQuery({ queryKey: ["ops", "error", fingerprint], queryFn: ({ signal }) => operations.error(fingerprint, signal) });
  const group = query.data?.group;
  return (
    <Dialog title={group ? nameOf(group) : "Error"} size="wide" onClose={onClose} footer={group && mayMark && <Marks group={group} onDone={onClose} />}>
      <div className="dlg-b op-story">
        <Answer of={query}>
          {({ group: found, events }) => (
            <>
              <Head group={found} />
              {events.length === 0 ? <p className="t3">No event of it is kept any more.</p> : <Events group={found} events={events} />}
            </>
          )}
        </Answer>
      </div>
    </Dialog>
  );
}

function Head({ group }: { group: ErrorGroup }): ReactElement {
  const { word, tone } = stateOf(group.state);
  return (
    <>
      <p className="op-message">{group.message}</p>
      <p className="row t3 f12">
        {word && <span className={`bdg ${tone}`}>{word}</span>}
        <span>
          {counted(group.count, "event")}, first{" "}
          <time dateTime={group.first_at} title={exactly(group.first_at)}>
            {ago(group.first_at)}
          </time>
          , last{" "}
          <time dateTime={group.last_at} title={exactly(group.last_at)}>
            {ago(group.last_at)}
          </time>
        </span>
      </p>
    </>
  );
}

function Events({ group, events }: { group: ErrorGroup; events: readonly ErrorEvent[] }): ReactElement | null {
  const [at, setAt] = useState(0);
  const event = events[at];
  if (!event) return null;
  const copy = () => navigator.clipboard.writeText(traceOf(event)).then(() => say("Stack trace copied"), () => sayFailure("The stack trace was not copied."));
  return (
    <>
      <div className="row">
        <h3>Event</h3>
        <span className="t3 f12 grow" aria-live="polite">
          {at + 1} of the newest {events.length}, {exactly(event.at)}
        </span>
        <IconButton icon={ChevronLeft} label="Newer event" disabled={at === 0} onClick={() => setAt(at - 1)} />
        <IconButton icon={ChevronRight} label="Older event" disabled={at === events.length - 1} onClick={() => setAt(at + 1)} />
      </div>
      <dl className="op-lines-of">
        {contextOf(event, group).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className={name === "Person" ? "" : "mono"}>{text}</dd>
          </div>
        ))}
      </dl>
      <div className="row">
        <h3 className="grow">Stack trace</h3>
        <Button size="xs" icon={Copy} onClick={() => void copy()}>
          Copy
        </Button>
      </div>
      <Trace frames={event.frames ?? []} />
      <h3>What came before</h3>
      {event.breadcrumbs?.length ? (
        <ol className="op-crumbs mono" tabIndex={0} aria-label="What came before">
          {event.breadcrumbs.map((crumb, index) => (
            <li key={index}>{crumb}</li>
          ))}
        </ol>
      ) : (
        <p className="t3">Nothing was logged before.</p>
      )}
    </>
  );
}

/** Frames of ours stand out; the innermost is last, where the failure was. */
function Trace({ frames }: { frames: readonly Frame[] }): ReactElement {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [frames]);
  if (frames.length === 0) return <p className="t3">No stack trace was kept.</p>;
  return (
    <ol ref={list} className="op-trace mono" tabIndex={0} aria-label="Stack trace">
      {frames.map((frame, index) => (
        <li key={index} className={frame.in_app === false ? "t3" : index === frames.length - 1 ? "op-here" : ""}>
          <div>
            {frame.module}:{frame.line} in {frame.function}
          </div>
          {frame.code && <div className="op-code">{frame.code}</div>}
        </li>
      ))}
    </ol>
  );
}

const DONE = { resolved: "Error marked resolved", ignored: "Error ignored", ongoing: "Error opened again" } as const;

function Marks({ group, onDone }: { group: ErrorGroup; onDone: () => void }): ReactElement {
  const client = useQueryClient();
  const mark = useMutation({
    mutationFn: (state: ErrorMark["state"]) => operations.markError(group.fingerprint, state),
    onSuccess: async (_, state) => {
      say(DONE[state]);
      onDone();
      await client.invalidateQueries({ queryKey: ["ops"] });
    },
    onError: () => sayFailure("The error was not marked. Try again."),
  });
  const isAside = group.state === "resolved" || group.state === "ignored";
  return (
    <>
      <span className="t3 f12 grow">{isAside ? "" : "A resolved error that happens again comes back."}</span>
      {isAside ? (
        <Button busy={mark.isPending} onClick={() => mark.mutate("ongoing")}>
          Open again
        </Button>
      ) : (
        <>
          <Button busy={mark.isPending && mark.variables === "ignored"} onClick={() => mark.mutate("ignored")}>
            Ignore error
          </Button>
          <Button kind="primary" busy={mark.isPending && mark.variables === "resolved"} onClick={() => mark.mutate("resolved")}>
            Mark resolved
          </Button>
        </>
      )}
    </>
  );
}
