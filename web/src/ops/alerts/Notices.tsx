/** Who was told of alerts, and whether that arrived. */
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { operations } from "../../api";
import { ago, Button, exactly, Fault } from "../../ui";
import { told, type Notice } from "./alert";

const MOST = 8;
const STATES = { waiting: "bdg warn", failed: "bdg bad", sent: "t3" } as const;

export function Notices(): ReactElement | null {
  const query = useQuery({ queryKey: ["ops", "alerts", "notices"], queryFn: ({ signal }) => operations.notices(signal), refetchInterval: 30_000 });
  if (!query.data) return null;
  const { channels, items } = query.data;
  if (channels.length === 0) {
    return (
      <p className="op-fold t2">
        Nobody is told: no channel is set up. Set <code>AUTOGRAPH_WATCH__ALERTS__SMTP_URL</code>, <code>__SLACK_URL</code> or <code>__WEBHOOK_URL</code>.
      </p>
    );
  }
  const notices = told(items).slice(0, MOST);
  const missed = notices.filter(({ state }) => state !== "sent").length;
  return (
    <details className="op-fold">
      <summary>
        Told by {channels.join(", ")} {missed > 0 && <span className="bdg bad">{missed} not delivered</span>}
      </summary>
      <TryOut />
      {notices.length === 0 ? (
        <p className="t3">Nothing was told yet.</p>
      ) : (
        <ul className="op-lines">
          {notices.map((notice) => (
            <Line key={notice.id} notice={notice} />
          ))}
        </ul>
      )}
    </details>
  );
}

/** A test notice through every channel, so that a wrong address is known before it matters. */
function TryOut(): ReactElement {
  const test = useMutation({ mutationFn: operations.tryChannels });
  const went = test.data?.items ?? [];
  const taken = went.filter(({ error }) => !error).map(({ channel }) => channel);
  return (
    <div className="row op-try">
      <Button size="s" busy={test.isPending} onClick={() => test.mutate()}>
        Send a test notice
      </Button>
      <span role="status" className="t2 f12">
        {taken.length > 0 && `Taken by ${taken.join(", ")}. Look whether it has arrived.`}
      </span>
      {went
        .filter(({ error }) => error)
        .map(({ channel, error }) => (
          <Fault key={channel}>{`${channel}: ${error}`}</Fault>
        ))}
      {test.error && <Fault>{test.error.message}</Fault>}
    </div>
  );
}

function Line({ notice }: { notice: Notice }): ReactElement {
  const at = notice.sent_at ?? notice.created_at;
  return (
    <li className="row">
      <span className="grow">
        {notice.title.replace("[AutoGraph] ", "")}{" "}
        <span className="t3 f12" title={exactly(at)}>
          {notice.channel}, {ago(at)}
          {notice.error && `. ${notice.error}`}
          {notice.state === "waiting" && notice.tries > 0 && " It is tried again."}
        </span>
      </span>
      <span className={STATES[notice.state]}>{notice.state}</span>
    </li>
  );
}
