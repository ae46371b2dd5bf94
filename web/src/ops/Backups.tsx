/** Backups: what is kept, and how old the newest is. Nothing is told before backups are set up, and nothing looks well. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { operations } from "../api";
import { ago, exactly } from "../ui";
import { Answer, Card, Nothing } from "./Card";

const AGAIN_MS = 60_000;

export function BackupsCard(): ReactElement {
  const query = useQuery({ queryKey: ["ops", "backups"], queryFn: ({ signal }) => operations.backups(signal), refetchInterval: AGAIN_MS });
  const last = query.data?.last;
  return (
    <Card title="Backups" note={last && <span title={exactly(last)}>the newest {ago(last)}</span>} wide>
      <Answer of={query}>
        {({ items = [] }) =>
          items.length === 0 ? (
            <Nothing>No data: nothing is backed up by AutoGraph yet. Copy the data folder and the database by your own means.</Nothing>
          ) : (
            <ul className="op-lines op-fold">
              {items.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  );
}
