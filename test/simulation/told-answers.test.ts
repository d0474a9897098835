import type { Outcome } from "@rogerd/global-state";
import type { Answer } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { type Ends, ToldAnswers } from "./told-answers.ts";
import { Trace } from "./trace.ts";
import { Findings } from "./violation.ts";
import { VirtualProcess, VirtualTime } from "./virtual-time.ts";

const claimed = { status: "changed", changed: true } as const;
const unchanged = { status: "changed", changed: false } as const;

describe("what is answered", () => {
  test("at its place in the log, as the log has it, is right", () => {
    const { answers, asks, findings, told } = made();
    asks({ id: 1, seq: 1 });
    told({ id: 1, revision: 7, n: 0, result: claimed });
    asks({ id: 2, seq: 2 });
    told({ id: 2, revision: 8, n: 1, result: unchanged });

    answers.judge(7, [outcome(7, 0, claimed)]);
    answers.judge(8, [outcome(8, 0, claimed), outcome(8, 1, unchanged)]);

    expect([findings.first, answers.judged]).toEqual([undefined, 2]);
  });

  test("as the log does not have it, is a finding", () => {
    const { answers, asks, findings, told } = made();
    asks({ id: 1, seq: 1 });
    told({ id: 1, revision: 7, n: 0, result: claimed });

    answers.judge(7, [outcome(7, 0, unchanged)]);

    expect(findings.first?.property).toMatch("not the one that the log makes");
  });

  test("at a place where the log has no call, is a finding", () => {
    const { answers, asks, findings, told } = made();
    asks({ id: 1, seq: 1 });
    told({ id: 1, revision: 7, n: 1, result: claimed });

    answers.judge(7, [outcome(7, 0, claimed)]);

    expect(findings.first?.property).toMatch("not the one that the log makes");
  });

  test("at a place before what was answered before it was sent, is a finding", () => {
    const { asks, findings, told } = made();
    asks({ id: 1, seq: 1 });
    told({ id: 1, revision: 7, n: 0, result: claimed });
    asks({ id: 2, seq: 2 });
    told({ id: 2, revision: 6, n: 0, result: claimed });

    expect(findings.first?.property).toMatch("real-time order");
  });

  test("once more to a call that is asked again, may be as old as the call", () => {
    const { asks, findings, told } = made();
    asks({ id: 1, seq: 1 });
    asks({ id: 2, seq: 2 });
    told({ id: 2, revision: 7, n: 0, result: claimed });
    asks({ id: 3, seq: 1 });
    told({ id: 3, revision: 6, n: 0, result: claimed });

    expect(findings.first).toBeUndefined();
  });
});

function made() {
  const trace = new Trace({ lines: "last" });
  const findings = new Findings();
  const time = new VirtualTime(trace);
  const clock = { originMs: 0, rate: 1, turnMs: 0, lookMs: 0 };
  const [client, node] = [1, 2].map((pid) => new VirtualProcess({ time, pid, clock }));
  const ends = { client, node } as Ends;
  const answers = new ToldAnswers({ findings });
  return {
    answers,
    findings,
    asks: ({ id, seq }: { readonly id: number; readonly seq: number }) => {
      const args = { key: "k", owner: `o${seq}` };
      const request = { id, seq, partition: "p", command: "queueKey.claim", args };
      answers.asks(ends, { kind: "requests", requests: [request] });
    },
    told: (answer: Answer) => answers.answers(ends, { kind: "answers", answers: [answer] }),
  };
}

function outcome(revision: number, n: number, result: typeof claimed | typeof unchanged): Outcome {
  return { kind: "result", revision, n, result };
}
