import type { EventItem, EventType, StateEvent } from "@rogerd/global-state";
import { describe, expect, test } from "vitest";
import { LineChecks } from "./line-checks.ts";
import { Findings } from "./violation.ts";

type Told = Pick<StateEvent, "type" | "name" | "item" | "was">;

function told(type: EventType, item: EventItem | null, more: Partial<Told> = {}): Told {
  return { type, name: "k", item, was: null, ...more };
}

function holders(...owners: readonly (readonly [owner: string, token: number])[]): Told {
  const all = owners.map(([owner, token]) => ({ owner, session: 1, token, since: 0 }));
  return told("executionKey.changed", { key: "k", holders: all });
}

function waits(owner: string, ticket: number): Told {
  return told("executionKey.waiting", { key: "k", owner, session: 1, ticket });
}

function ends(owner: string, ticket: number): Told {
  const was = { key: "k", owner, session: 1, ticket };
  return told("executionKey.waitEnded", null, { was });
}

function limit(most: number): Told {
  const rules = [{ prefix: "k", limit: most }];
  return told("executionKey.rulesChanged", { rules }, { name: "*" });
}

/** Each list is an entry. */
function judged(...entries: readonly (readonly Told[])[]): string | undefined {
  const findings = new Findings();
  const checks = new LineChecks({ findings });
  for (const [at, entry] of entries.entries()) {
    const revision = at + 1;
    const whole = entry.map(
      (one, n): StateEvent => ({
        ...{ revision, n, partition: "keys", cause: "test", by: null, at: 0, logTimeMs: 0 },
        ...one,
      }),
    );
    checks.sees(revision, whole);
  }
  return findings.first?.property;
}

const line = [[holders(["a", 1])], [waits("b", 1)], [waits("c", 2)]];

describe("lines are what the events of a log make them", () => {
  test("in order of tickets, past those who left, with a takeover in between", () => {
    const fenced = told("job.fenced", null, { name: "a" });

    const property = judged(
      ...line,
      [holders(["a", 2]), fenced],
      [ends("b", 1)],
      [holders(["c", 3]), ends("c", 2)],
      [limit(2), holders(["c", 3], ["d", 4])],
    );

    expect(property).toBeUndefined();
  });

  test("who came last is not served first (I5)", () => {
    expect(judged(...line, [holders(["c", 2]), ends("c", 2)])).toMatch("out of turn");
  });

  test("who did not wait does not pass those who do (I5)", () => {
    expect(judged(...line, [holders(["d", 2])])).toMatch("out of turn");
  });

  test("who has it does not get it again before those who wait (I5)", () => {
    expect(judged(...line, [holders(["a", 2])])).toMatch("out of turn");
  });

  test("nobody waits beyond the next entry for a key that has room (I2)", () => {
    const free = [holders()];

    expect(judged(...line, free)).toBeUndefined();
    expect(judged(...line, free, [])).toMatch("is not asked");
    expect(judged(...line, [limit(2)], [])).toMatch("is not asked");
  });

  test("no grant is above the limit (I1)", () => {
    expect(judged([holders(["a", 1])], [holders(["a", 1], ["b", 2])])).toMatch("above the limit");
  });
});
