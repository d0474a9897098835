import { createHash } from "node:crypto";
import {
  defaultLimits,
  key,
  type LogEntry,
  logTimeMs,
  type Outcome,
  partitionId,
  revision,
  type Write,
} from "@rogerd/global-state";
import { describe, expect, test } from "vitest";
import type { StateListener } from "../state/replicated-state.ts";
import { UsedRequestIds } from "./used-request-ids.ts";

const acme = partitionId("acme");
const take = (name: string): Write => {
  return { name: "roger.isQueued", partition: acme, args: { key: key(name), add: true } };
};
const [one, two] = [take("one"), take("two")];
const ttlMs = defaultLimits.requestTtlMs;

class Stage {
  readonly used: UsedRequestIds;
  #listener: StateListener = {};
  #revision = 0;

  constructor() {
    const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
    const state = {
      listen: (listener: StateListener) => {
        this.#listener = listener;
      },
    };
    this.used = new UsedRequestIds({ platform: { digest }, state });
    this.used.start();
  }

  /** One call under `r`, that came to this. */
  applied(
    write: Write,
    { logTime, outcome }: { readonly logTime: number; readonly outcome?: Partial<Outcome> },
  ): void {
    this.#revision += 1;
    const at = { revision: revision(this.#revision), term: 1 };
    const submissions = [{ origin: { kind: "request", requestId: "r" }, write }] as const;
    const entry: LogEntry = { ...at, logTime: logTimeMs(logTime), wallMs: 0, submissions };
    const result: Outcome = {
      ...{ kind: "result", revision: at.revision, n: 0 },
      result: { status: "member", before: false },
    };
    this.#listener.answered?.(entry, [Object.assign(result, outcome)]);
  }

  restored(): void {
    this.#listener.restored?.();
  }
}

describe("an id under which a call was executed", () => {
  test("is for that call: repeated it passes, another one is told apart", () => {
    const stage = new Stage();
    stage.applied(one, { logTime: 5 });

    expect([stage.used.isForAnother("r", one), stage.used.isForAnother("r", two)]).toEqual([
      false,
      true,
    ]);
    expect(stage.used.isForAnother("other", two)).toBe(false);
  });

  test("is for that call also where a node did not see it, and another one got its answer", () => {
    const stage = new Stage();
    stage.applied(one, { logTime: 5, outcome: { revision: revision(0) } });

    expect(stage.used.isForAnother("r", two)).toBe(false);
  });

  test("is free when the call was not executed, or its answer is not kept", () => {
    const stage = new Stage();
    stage.applied(one, {
      logTime: 5,
      outcome: { kind: "refusal", refusal: { code: "overloaded" } },
    });

    expect(stage.used.isForAnother("r", two)).toBe(false);
  });

  test("is free again when the state has forgotten it, and then for the next", () => {
    const stage = new Stage();
    stage.applied(one, { logTime: 5 });
    stage.applied(two, { logTime: 5 + ttlMs });

    expect([stage.used.isForAnother("r", one), stage.used.isForAnother("r", two)]).toEqual([
      true,
      false,
    ]);
  });

  test("is not known any more after a snapshot has come", () => {
    const stage = new Stage();
    stage.applied(one, { logTime: 5 });

    stage.restored();

    expect(stage.used.isForAnother("r", two)).toBe(false);
  });
});
