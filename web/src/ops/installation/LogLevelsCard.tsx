/** Which log events every process writes, changed without a restart. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { operations, type LogLevels } from "../../api";
import { Button, say, sayFailure } from "../../ui";
import { Answer, Card } from "../Card";

const LEVELS = ["debug", "info", "warning", "error"] as const;
type Level = (typeof LEVELS)[number] | "";
const KEY = ["log-levels"] as const;

/** The levels with one of them set; an empty one leaves the module to the default. */
export function withLevel(levels: LogLevels, module: string, level: Level): LogLevels {
  const { [module]: _, ...others } = levels.modules as Record<string, (typeof LEVELS)[number]>;
  return { ...levels, modules: level ? { ...others, [module]: level } : others };
}

interface LogLevelsProps {
  services: readonly string[];
  mayChange: boolean;
}

export function LogLevelsCard({ services, mayChange }: LogLevelsProps): ReactElement {
  const client = useQueryClient();
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => operations.logLevels(signal) });
  const set = useMutation({
    mutationFn: operations.setLogLevels,
    onSuccess: (levels) => {
      client.setQueryData(KEY, levels);
      say("Log levels changed; every process follows within 5 s");
    },
    onError: () => sayFailure("The log levels were not changed. Try again."),
  });
  return (
    <Card title="Log levels" note="in every process">
      <Answer of={query}>
        {(levels) => <Levels levels={levels} services={services} mayChange={mayChange} busy={set.isPending} onSet={(next) => set.mutate(next)} />}
      </Answer>
    </Card>
  );
}

interface LevelsProps extends LogLevelsProps {
  levels: LogLevels;
  busy: boolean;
  onSet: (levels: LogLevels) => void;
}

function Levels({ levels, services, mayChange, busy, onSet }: LevelsProps): ReactElement {
  const [module, setModule] = useState("");
  const names = [...new Set([...services, ...Object.keys(levels.modules)])].sort();
  return (
    <fieldset className="op-levels" disabled={!mayChange}>
      <Choice label="Default" value={levels.default} onPick={(level) => onSet({ ...levels, default: level })} />
      {names.map((name) => (
        <Choice key={name} label={name} value={levels.modules[name] ?? ""} onPick={(level) => onSet(withLevel(levels, name, level))} />
      ))}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (module.trim()) onSet(withLevel(levels, module.trim(), "debug"));
          setModule("");
        }}
      >
        <span className="inp grow">
          <input aria-label="Module" placeholder="autograph.auth.service" value={module} maxLength={120} onChange={(event) => setModule(event.target.value)} />
        </span>
        <Button submit busy={busy}>
          Debug module
        </Button>
      </form>
    </fieldset>
  );
}

function Choice({ label, value, onPick }: { label: string; value: Level; onPick: (level: Level) => void }): ReactElement {
  return (
    <label className="row">
      <span className="grow trunc">{label}</span>
      <select className="select s" aria-label={`Log level of ${label}`} value={value} onChange={(event) => onPick(event.target.value as Level)}>
        <option value="">as set</option>
        {LEVELS.map((level) => (
          <option key={level}>{level}</option>
        ))}
      </select>
    </label>
  );
}
