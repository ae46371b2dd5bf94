/** The rules of saving, and random interleavings of them. */
import { describe, expect, test } from "vitest";
import { dueAt, isUnsaved, LONGEST_MS, opened, QUIET_MS, reduce, type SaveEvent, type SaveState, shown, unsavedParts, wouldLose } from "./machine";

const start = opened(3, "2026-11-24T09:00:00Z");
const after = (...events: SaveEvent[]): SaveState => events.reduce(reduce, start);
const typed = (at: number): SaveEvent => ({ type: "changed", part: "code", at });
const trouble = (kind: "unreachable" | "server" | "refused", at = 2_000): SaveEvent => ({
  type: "failed",
  trouble: { kind, reason: "why" },
  at,
  spread: 0,
});

describe("when a save leaves", () => {
  test("nothing is due while nothing changed", () => {
    expect(dueAt(start)).toBeNull();
    expect(shown(start)).toEqual({ kind: "saved", at: "2026-11-24T09:00:00Z" });
  });

  test("a save waits for a pause, but not longer than its limit while typing goes on", () => {
    expect(dueAt(after(typed(1_000)))).toBe(1_000 + QUIET_MS);
    const busy = Array.from({ length: 60 }, (_, i) => typed(1_000 + i * 100));
    expect(dueAt(after(...busy))).toBe(1_000 + LONGEST_MS);
  });

  test("one request is under way at most, and what changed meanwhile is due afterwards", () => {
    const flying = after(typed(0), { type: "sent", at: 800 }, typed(900));
    expect(dueAt(flying)).toBeNull();
    expect(shown(flying).kind).toBe("saving");
    const landed = reduce(flying, { type: "saved", version: 4, savedAt: "later" });
    expect(isUnsaved(landed)).toBe(true);
    expect(shown(landed).kind).toBe("unsaved");
    expect(dueAt(landed)).toBe(900 + QUIET_MS);
  });

  test("a refused save is not sent again as it was, but a change or a wish tries again", () => {
    const refused = after(typed(0), { type: "sent", at: 1 }, trouble("refused"));
    expect(dueAt(refused)).toBeNull();
    expect(shown(refused)).toEqual({ kind: "failed", reason: "why", retrying: false, kept: false });
    expect(dueAt(reduce(refused, { type: "urged" }))).toBe(0);
    expect(dueAt(reduce(refused, typed(5_000)))).not.toBeNull();
  });

  test("pauses between tries grow and have an end", () => {
    let state = after(typed(0));
    const waits: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      state = reduce(reduce(state, { type: "sent", at: 0 }), trouble("server", 0));
      waits.push(dueAt(state) ?? -1);
    }
    expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(Math.max(...waits)).toBe(30_000);
  });
});

describe("what is said", () => {
  test("offline says kept only once it is kept", () => {
    const offline = after(typed(0), { type: "sent", at: 1 }, trouble("unreachable"));
    expect(shown(offline)).toEqual({ kind: "offline", kept: false });
    expect(wouldLose(offline)).toBe(true);
    const kept = reduce(offline, { type: "kept", edition: 1 });
    expect(shown(kept)).toEqual({ kind: "offline", kept: true });
    expect(wouldLose(kept)).toBe(false);
    expect(shown(reduce(kept, typed(9)))).toEqual({ kind: "offline", kept: false });
  });

  test("a conflict stops saving until it is decided; keeping mine saves every part over theirs", () => {
    const conflict = after(typed(0), { type: "sent", at: 1 }, { type: "conflicted" });
    expect(dueAt(conflict)).toBeNull();
    expect(shown(conflict).kind).toBe("conflict");
    const mine = reduce(conflict, { type: "overruled", version: 7 });
    expect(unsavedParts(mine)).toEqual(["title", "canvas", "code", "note"]);
    expect(mine.version).toBe(7);
    expect(dueAt(mine)).toBe(0);
    const theirs = reduce(conflict, { type: "replaced", version: 7, savedAt: "then" });
    expect(isUnsaved(theirs)).toBe(false);
    expect(shown(theirs)).toEqual({ kind: "saved", at: "then" });
  });
});

/** A small generator of numbers below `limit` that a seed repeats. */
function dice(seed: number): (limit: number) => number {
  let value = seed;
  return (limit) => {
    value = (value * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((value / 2_147_483_648) * limit);
  };
}

describe("random interleavings", () => {
  test("it never says saved while the server lacks something, and always ends saved once the server answers", () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const roll = dice(seed);
      let state = start;
      let now = 0;
      let flying = 0;
      const page = { code: 0, note: 0 };
      const server = { ...page, version: 3 };
      let carried = { ...page };

      const answer = (kind: number): void => {
        flying -= 1;
        if (kind === 0) {
          Object.assign(server, carried, { version: server.version + 1 });
          state = reduce(state, { type: "saved", version: server.version, savedAt: String(now) });
        } else {
          const kinds = ["unreachable", "server", "refused"] as const;
          const failure = { kind: kinds[(kind - 1) % 3] ?? "server", reason: "why" };
          state = reduce(state, { type: "failed", trouble: failure, at: now, spread: roll(100) / 100 });
        }
      };
      const tick = (): void => {
        const due = dueAt(state);
        if (due === null || due > now) return;
        carried = { ...page };
        state = reduce(state, { type: "sent", at: now });
        flying += 1;
      };

      for (let step = 0; step < 120; step += 1) {
        now += roll(700);
        const move = roll(6);
        if (move <= 1) {
          const part = move === 0 ? "code" : "note";
          page[part] += 1;
          state = reduce(state, { type: "changed", part, at: now });
        } else if (move === 2 && flying > 0) answer(roll(4));
        else if (move === 3) state = reduce(state, { type: "kept", edition: state.edition });
        else if (move === 4 && roll(5) === 0) state = reduce(state, { type: "urged" });
        tick();

        expect(flying).toBeLessThanOrEqual(1);
        const same = server.code === page.code && server.note === page.note;
        if (shown(state).kind === "saved") expect(same).toBe(true);
        if (!same) expect(isUnsaved(state)).toBe(true);
        expect(state.version).toBe(server.version);
      }

      if (flying > 0) answer(0);
      for (let rest = 0; rest < 4 && isUnsaved(state); rest += 1) {
        now += 60_000;
        state = reduce(state, { type: "urged" });
        tick();
        if (flying > 0) answer(0);
      }
      expect(shown(state).kind).toBe("saved");
      expect(server).toMatchObject(page);
    }
  });
});
