/** Keep an alert and its like quiet for a while; they are judged all the same. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { operations } from "../../api";
import { Button, Dialog, Failure, say } from "../../ui";
import { covers, type Alert } from "./alert";

const HOUR_MS = 3_600_000;
const SPANS = [
  { label: "1 h", hours: 1 },
  { label: "8 h", hours: 8 },
  { label: "1 day", hours: 24 },
] as const;

export function SilenceDialog({ alert, onClose }: { alert: Alert; onClose: () => void }): ReactElement {
  const client = useQueryClient();
  const [hours, setHours] = useState<number>(1);
  const [labels, setLabels] = useState(["rule", "service"]);
  const [comment, setComment] = useState("");
  const every = { rule: alert.rule, service: alert.service };
  const matchers = Object.fromEntries(Object.entries(every).filter(([label]) => labels.includes(label)));
  const silence = useMutation({
    mutationFn: () => operations.silence({ matchers, comment: comment.trim(), until: new Date(Date.now() + hours * HOUR_MS).toISOString() }),
    onSuccess: async () => {
      say("Alerts silenced; they are judged all the same");
      await client.invalidateQueries({ queryKey: ["ops"] });
      onClose();
    },
  });
  return (
    <Dialog
      title="Silence alerts"
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={silence.isPending} offBecause={labels.length === 0 && "Choose what is to be silent."} onClick={() => silence.mutate()}>
            Silence alerts
          </Button>
        </>
      }
    >
      <div className="dlg-b op-form">
        <p className="t2">{labels.length > 0 ? `Nobody is told of alerts with ${covers(matchers)}.` : "Choose what is to be silent."}</p>
        <fieldset>
          <legend className="lbl">For</legend>
          {SPANS.map((span) => (
            <label key={span.hours} className="row">
              <input type="radio" name="hours" checked={hours === span.hours} onChange={() => setHours(span.hours)} />
              {span.label}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend className="lbl">Only alerts with</legend>
          {Object.entries(every).map(([label, value]) => (
            <label key={label} className="row">
              <input
                type="checkbox"
                className="chk"
                checked={labels.includes(label)}
                onChange={({ target }) => setLabels(target.checked ? [...labels, label] : labels.filter((one) => one !== label))}
              />
              {label} {value}
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span className="lbl">Why, for others</span>
          <span className="inp">
            <input value={comment} maxLength={300} placeholder="The disk is being replaced" onChange={(event) => setComment(event.target.value)} />
          </span>
        </label>
        {silence.error && <Failure title="The alerts were not silenced" error={silence.error} />}
      </div>
    </Dialog>
  );
}
