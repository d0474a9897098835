// differential.ts — the differential test of SEMANTICS §1: one client makes random calls of Roger, all
// twelve forms, on partitions that are stopped and started, one call after the other, while leaders
// die between and under them; every answer must be the reference's. What became of a call is never
// guessed: it is made again where it certainly had no effect, and else the state says what it did.
import {
  type Caller,
  PartitionNotStartedError,
  type RogerdClient,
  RogerdError,
  RogerGlobal,
} from "@rogerd/client";
import { drawCall, makeCall } from "../e2e/random-calls.ts";
import type { PartitionAnswer, PartitionCall } from "../simulation/partition-model.ts";
import { type MadeCall, RogerReference } from "./reference.ts";
import { sealCallsOf } from "./sealing.ts";

export interface DifferentialParts {
  readonly client: RogerdClient;
  readonly calls: number;
  readonly dice: (sides: number) => number;
  readonly wait: (ms: number) => Promise<void>;
  /** Before so many calls on average, something happens to the cluster. */
  readonly callsPerFault: number;
  readonly strike: () => Promise<void>;
  /** For a client that is to be found out. */
  readonly through?: (caller: Caller) => Caller;
}

export interface Tally {
  calls: number;
  /** By form, with its change. */
  readonly forms: Record<string, number>;
  /** Certainly without effect, and so made again. */
  madeAgain: number;
  /** Of which the client did not learn what they did, and whether the state had changed by them. */
  readonly unknown: { changed: number; unchanged: number };
}

export interface Disagreement {
  readonly at: number;
  readonly made: MadeCall;
  readonly answer: PartitionAnswer;
  readonly expected: PartitionAnswer;
}

export interface Comparison {
  readonly tally: Tally;
  readonly disagreement: Disagreement | undefined;
}

const partitions = ["p1", "p2", "p3"];
const namesPerSet = 12;
/** Shorter than any election: such a call ends unknown when its leader dies. */
const hastyMs = 150;
const pauseBeforeRepeatMs = 20;

export function compareWithReference(parts: DifferentialParts): Promise<Comparison> {
  return new Differential(parts).run();
}

class Differential {
  readonly #parts: DifferentialParts;
  readonly #reference = new RogerReference();
  readonly #roger: RogerGlobal;
  readonly #hasty: RogerGlobal;
  readonly #tally: Tally = {
    calls: 0,
    forms: {},
    madeAgain: 0,
    unknown: { changed: 0, unchanged: 0 },
  };
  #disagreement: Disagreement | undefined;

  constructor(parts: DifferentialParts) {
    this.#parts = parts;
    const caller = parts.through?.(parts.client) ?? parts.client;
    this.#roger = new RogerGlobal(caller);
    this.#hasty = new RogerGlobal({
      name: caller.name,
      write: (question) => caller.write(question, { timeoutMs: hastyMs }),
      read: (question) => caller.read(question, { timeoutMs: hastyMs }),
    });
  }

  async run(): Promise<Comparison> {
    const { calls, callsPerFault, dice, strike } = this.#parts;
    while (this.#tally.calls < calls && this.#disagreement === undefined) {
      const fault = dice(2 * callsPerFault);
      if (fault === 0) await strike();
      const made = this.#draw();
      const compared = this.#compare(made);
      await (fault === 1 ? Promise.all([compared, strike()]) : compared);
      this.#tally.calls += 1;
      const form = formOf(made.call);
      this.#tally.forms[form] = (this.#tally.forms[form] ?? 0) + 1;
    }
    return { tally: this.#tally, disagreement: this.#disagreement };
  }

  #draw(): MadeCall {
    const { dice } = this.#parts;
    const partition = partitions[dice(partitions.length)] ?? "";
    const change = dice(100);
    if (change < 6) return { partition, call: { form: "startPartition" } };
    if (change === 6) return { partition, call: { form: "stopPartition" } };
    return { partition, call: drawCall(dice, namesPerSet) };
  }

  async #compare(made: MadeCall): Promise<void> {
    const roger = this.#parts.dice(2) === 0 ? this.#hasty : this.#roger;
    const session = this.#parts.client.session.id;
    const answer = await this.#ask(roger, made);
    if (answer === "unknown") return this.#findOut(made, session);
    this.#judge(made, { answer, expected: this.#reference.answer(made) });
  }

  /** Either it did what it was to do, or nothing; a third thing is a disagreement. */
  async #findOut(made: MadeCall, session: number | undefined): Promise<void> {
    const { client, wait } = this.#parts;
    await sealCallsOf(session, { client, wait });
    const question = { partition: made.partition, call: questionAbout(made.call) };
    const answer = await this.#ask(this.#roger, question);
    if (answer === "unknown") throw new Error("a read has no effect that could be unknown");
    if (isSame(answer, this.#reference.answer(question))) {
      this.#tally.unknown.unchanged += 1;
      return;
    }
    this.#tally.unknown.changed += 1;
    this.#reference.answer(made);
    this.#judge(question, { answer, expected: this.#reference.answer(question) });
  }

  #judge(
    made: MadeCall,
    { answer, expected }: { readonly answer: PartitionAnswer; readonly expected: PartitionAnswer },
  ): void {
    if (isSame(answer, expected)) return;
    this.#disagreement = { at: this.#tally.calls, made, answer, expected };
  }

  /** Once more with every call that had no effect. */
  async #ask(roger: RogerGlobal, made: MadeCall): Promise<PartitionAnswer | "unknown"> {
    for (;;) {
      try {
        return await answerTo(roger, made);
      } catch (error) {
        if (!(error instanceof RogerdError)) throw error;
        if (!error.outcomeKnown) return "unknown";
        if (error.code === "invalid_argument") throw error;
      }
      this.#tally.madeAgain += 1;
      await this.#parts.wait(pauseBeforeRepeatMs);
    }
  }
}

async function answerTo(
  roger: RogerGlobal,
  { partition, call }: MadeCall,
): Promise<PartitionAnswer> {
  if (call.form === "startPartition") return roger.startPartition(partition).then(() => "ok");
  if (call.form === "stopPartition") return roger.stopPartition(partition).then(() => "ok");
  try {
    return await makeCall(roger, { partition, call });
  } catch (error) {
    if (error instanceof PartitionNotStartedError) return "not_started";
    throw error;
  }
}

/** What reads the one thing that the call may have changed. */
function questionAbout(call: PartitionCall): PartitionCall {
  switch (call.form) {
    case "cancelJob":
    case "isCancelled":
      return { form: "isCancelled", name: call.name };
    case "isQueued":
    case "removeQueued":
      return { form: "isQueued", name: call.name };
    case "isExecuting":
    case "removeExecuted":
      return { form: "isExecuting", name: call.name };
    default:
      return { form: "queueGetPaused" };
  }
}

function formOf(call: PartitionCall): string {
  return "change" in call ? `${call.form} ${call.change}` : call.form;
}

function isSame(one: PartitionAnswer, other: PartitionAnswer): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
