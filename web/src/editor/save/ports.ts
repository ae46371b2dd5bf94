/** What a session needs from the real world: the server's API and the browser's storage. */
import { diagrams, isProblem } from "../../api";
import { forget, keep } from "./kept";
import type { Trouble } from "./machine";
import type { Ports, Verdict } from "./session";

export const ports: Ports = {
  save: (id, version, parts) => diagrams.save(id, version, parts),
  get: (id) => diagrams.get(id),
  create: (contents) => diagrams.create({ ...contents, file_type: "mixed" }),
  judge,
  keep,
  forget,
  now: () => Date.now(),
  random: () => Math.random(),
};

export function judge(failure: unknown): Verdict {
  if (isProblem(failure, "version-conflict")) return { conflict: true };
  return { conflict: false, trouble: troubleOf(failure) };
}

function troubleOf(failure: unknown): Trouble {
  if (!isProblem(failure)) {
    return { kind: "server", reason: failure instanceof Error ? failure.message : "something unexpected" };
  }
  if (failure.status === 0) return { kind: "unreachable", reason: failure.message };
  const passing = failure.status >= 500 || failure.status === 408 || failure.status === 429;
  const fields = failure.errors.map((error) => error.message).join(" ");
  return { kind: passing ? "server" : "refused", reason: fields || failure.message };
}
