// client-checks.ts — judges what clients saw: every history of every object has an order that explains
// it, a call is executed once (on a partition of one's own every answer is determined), answers come
// in the order of real time (V11, V18, I7, I9), and no call fails in a way that nothing here can cause.
import { type Caller, type Question, type Reply, RogerdError } from "@rogerd/client";
import { type Call, HistoryRecorder } from "../checkers/history.ts";
import { checkLinearizability } from "../checkers/linearizability.ts";
import { objectOf } from "../checkers/roger-models.ts";
import {
  isOfPartition,
  type PartitionAnswer,
  type PartitionCall,
  partitionModel,
  stoppedNowAndThen,
} from "./partition-model.ts";
import { possibleErrors } from "./possible-errors.ts";
import type { ShownReads } from "./shown-reads.ts";
import type { Trace } from "./trace.ts";
import type { Findings } from "./violation.ts";

interface MadeCall {
  readonly partition: string;
  readonly call: PartitionCall;
}

interface Place {
  readonly revision: number;
  readonly n: number;
}

export class ClientChecks {
  readonly #trace: Trace;
  readonly #findings: Findings;
  readonly #reads: ShownReads;
  readonly #standingsMax: number;
  readonly #histories = new HistoryRecorder<MadeCall, PartitionAnswer>();
  /** The newest place in the log that any client was told of. */
  #newest: Place = { revision: 0, n: 0 };
  #open = 0;
  /** The revision that a page had, by the cursor of the next one. */
  readonly #listsBegun = new Map<string, number>();
  readonly tally: Record<string, number> = { calls: 0, answered: 0 };

  constructor(parts: {
    readonly trace: Trace;
    readonly findings: Findings;
    readonly reads: ShownReads;
    /** A history that needs more to be searched to the end proves nothing, and is a finding. */
    readonly standingsMax: number;
  }) {
    this.#trace = parts.trace;
    this.#findings = parts.findings;
    this.#reads = parts.reads;
    this.#standingsMax = parts.standingsMax;
  }

  failedRead(client: string, error: unknown): void {
    this.#failed(client, "stale read", error);
  }

  /** Calls whose client still waits; those of killed clients too. */
  get openCalls(): number {
    return this.#open;
  }

  begin(
    client: string,
    made: MadeCall,
  ): {
    answered(answer: PartitionAnswer): void;
    failed(error: unknown): void;
    /** Nobody knows what became of it. */
    lost(why: string): void;
  } {
    const record = this.#histories.begin({ client: clientNumber(client), input: made });
    this.#count("calls");
    this.#open += 1;
    const text = `${made.partition} ${callText(made.call)}`;
    this.#trace.say(client, `asks ${text}`);
    return {
      answered: (answer) => {
        this.#open -= 1;
        this.#count("answered");
        this.#trace.say(client, `got ${text} = ${JSON.stringify(answer)}`);
        record.complete(answer);
      },
      failed: (error) => {
        this.#open -= 1;
        const known = this.#failed(client, text, error);
        if (known) record.fail();
      },
      lost: (why) => {
        this.#open -= 1;
        this.#count(`failed ${why}`);
        this.#trace.say(client, `lost ${text}: ${why}`);
      },
    };
  }

  /** Sees each reply: its place in the log must fit the order of real time, for one client at least. */
  watching(client: string, caller: Caller): Caller {
    let seen = 0;
    const see = (reply: Reply): void => {
      seen = Math.max(seen, reply.revision);
    };
    return {
      name: client,
      write: async (question, options) => {
        const before = this.#newest;
        const reply = await caller.write(question, options);
        this.#judgePlace(client, "write", question, { before, reply });
        see(reply);
        return reply;
      },
      read: async (question, options) => {
        const [before, seenBefore] = [this.#newest, seen];
        const reply = await caller.read(question, options);
        if (isFurtherPage(question)) this.#judgePage(client, question, reply);
        else if (options.stale === true) this.#judgeStale(client, question, { seenBefore, reply });
        else this.#judgePlace(client, "read", question, { before, reply });
        this.#reads.add(client, question, reply);
        const { result, revision } = reply;
        const next = result.status === "list" ? result.next : null;
        if (next !== null) this.#listsBegun.set(next, revision);
        see(reply);
        return reply;
      },
    };
  }

  /** A read outside of any client is about to be asked. */
  beforeRead(): { answered(reply: { readonly by: string; readonly revision: number }): void } {
    const before = this.#newest;
    return {
      answered: ({ by, revision }) => {
        this.#count("curl reads");
        if (revision >= before.revision) return;
        this.#findings.broken("real-time order: a read does not see what was acknowledged (V11)", [
          `${by}  answers a read over HTTP at revision ${revision}`,
          `before it was asked, an answer was given at ${placeText(before)}`,
        ]);
      },
    };
  }

  refusedToConnect(client: string, error: unknown): void {
    this.#failed(client, "connect", error);
  }

  failedStart(client: string, error: unknown): void {
    this.#failed(client, "partition.start", error);
  }

  /** At the end: is there an order for each object? */
  judgeHistories(): void {
    const byObject = new Map<string, Call<PartitionCall, PartitionAnswer>[]>();
    for (const { input, ...call } of this.#histories.calls()) {
      if (isOfPartition(input.call)) continue;
      const object = `${input.partition}/${objectOf(input.call)}`;
      const its = byObject.get(object) ?? [];
      its.push({ ...call, input: input.call });
      byObject.set(object, its);
    }
    const ofPartitions = this.#histories.calls().filter(({ input }) => isOfPartition(input.call));
    for (const { input, ...call } of ofPartitions) {
      for (const [object, its] of byObject) {
        if (object.startsWith(`${input.partition}/`)) its.push({ ...call, input: input.call });
      }
    }
    const standingsMax = this.#standingsMax;
    for (const [object, calls] of byObject) {
      const isStopped = object.startsWith(`${stoppedNowAndThen}/`);
      const first = isStopped ? "stopped" : "started";
      const model = partitionModel(object.slice(object.indexOf("/") + 1), { first });
      const verdict = checkLinearizability(model, calls, { standingsMax });
      this.#count(`histories ${verdict.kind}`);
      if (verdict.kind === "undecided") {
        this.#findings.broken(`linearizability of ${object}: the search came to no end`, [
          `${calls.length} calls, more than ${standingsMax} standings after one of them`,
        ]);
      }
      if (verdict.kind !== "violated") continue;
      const around = calls.filter(({ begin, end }) => (end ?? begin) <= (verdict.call.end ?? 0));
      this.#findings.broken(`linearizability of ${object}: no order explains an answer`, [
        ...around.slice(-8).map(historyText),
        `unexplained: ${historyText(verdict.call)}`,
      ]);
    }
  }

  /** As old as it may be: what this client was shown stays shown, its own writes among it. */
  #judgeStale(
    client: string,
    question: Question,
    shown: { readonly seenBefore: number; readonly reply: Reply },
  ): void {
    const { reply, seenBefore } = shown;
    this.#count("stale reads");
    if (reply.revision >= seenBefore) return;
    this.#findings.broken("a stale read goes back behind what its client was shown", [
      `${client}  ${question.command} ${JSON.stringify(question.args)} answered at revision ${reply.revision}`,
      `before it was asked, this client was shown revision ${seenBefore}`,
    ]);
  }

  /** Its list began in the past: it is of the first page's revision, whatever was shown since. */
  #judgePage(client: string, question: Question, reply: Reply): void {
    this.#count("further pages");
    const began = this.#listsBegun.get(String(question.args["cursor"]));
    if (began === reply.revision) return;
    this.#findings.broken("a further page is of another revision than its list (SEMANTICS §3)", [
      `${client}  ${question.command} ${JSON.stringify(question.args)} answered at revision ${reply.revision}`,
      `the page before it was of revision ${began ?? "?"}`,
    ]);
  }

  #judgePlace(
    client: string,
    kind: "read" | "write",
    question: Question,
    seen: { readonly before: Place; readonly reply: Reply },
  ): void {
    const { before, reply } = seen;
    const isFresh = kind === "read" ? reply.revision >= before.revision : isBehind(before, reply);
    if (!isFresh) {
      this.#findings.broken(
        "real-time order: an answer is older than one given before it was asked (V11)",
        [
          `${client}  ${question.command} ${JSON.stringify(question.args)} answered at ${placeText(reply)}`,
          `before it was asked, an answer was given at ${placeText(before)}`,
        ],
      );
    }
    if (kind === "write" && isBehind(this.#newest, reply)) this.#newest = placeOf(reply);
    if (kind === "read" && reply.revision > this.#newest.revision) {
      this.#newest = { revision: reply.revision, n: -1 };
    }
  }

  /** Whether it certainly had no effect. */
  #failed(client: string, text: string, error: unknown): boolean {
    if (!(error instanceof RogerdError)) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#findings.broken("a call fails with an error of ours", [`${client}  ${text}`, what]);
      return false;
    }
    this.#count(`failed ${error.code}`);
    const known = error.outcomeKnown ? "without effect" : "outcome unknown";
    this.#trace.say(client, `lost ${text}: ${error.code}, ${known}`);
    if (!possibleErrors.has(error.code)) {
      this.#findings.broken("a call fails only in ways that faults can cause", [
        `${client}  ${text}: ${error.code}: ${error.message}`,
      ]);
    }
    return error.outcomeKnown;
  }

  #count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }
}

function isFurtherPage({ args }: Question): boolean {
  return args["cursor"] !== undefined;
}

function isBehind(one: Place, other: Place): boolean {
  return one.revision < other.revision || (one.revision === other.revision && one.n < other.n);
}

function placeOf({ revision, n }: Place): Place {
  return { revision, n };
}

function placeText({ revision, n }: Place): string {
  return `revision ${revision}, ${n}`;
}

function clientNumber(name: string): number {
  return Number(name.slice(1)) * 1_000;
}

export function callText(call: PartitionCall): string {
  const name = "name" in call ? ` ${call.name}` : "";
  const change = "change" in call && call.change !== undefined ? ` ${call.change}` : "";
  return `${call.form}${name}${change}`;
}

function historyText(call: Call<PartitionCall, PartitionAnswer>): string {
  const span = `${call.begin}–${call.end ?? "…"}`;
  return `${span}  c${call.client / 1_000}  ${callText(call.input)} = ${JSON.stringify(call.output) ?? "?"}`;
}
