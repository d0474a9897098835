// told-answers.ts — every answer to a write that leaves a node, of whatever command, whoever asked: what was answered
// before the call was first sent stands before it in the log (V11), and the committed log, applied once more, gives
// that call that answer (V18). So the log itself is an order that explains all histories: no search is needed.
import { type Answer, changesState, type ClientFrame, type DaemonFrame } from "@rogerd/protocol";
import type { Outcome } from "@rogerd/global-state";
import type { VirtualProcess } from "./virtual-time.ts";
import type { Findings } from "./violation.ts";

interface Place {
  readonly revision: number;
  readonly n: number;
}

interface Call {
  readonly text: string;
  /** The newest place that any node had answered with when it was first sent. */
  readonly after: Place;
}

type Told = Extract<Answer, { readonly revision: number }> & { readonly call: Call };

/** Between whom a frame goes. */
export interface Ends {
  readonly client: VirtualProcess;
  readonly node: VirtualProcess;
}

export class ToldAnswers {
  readonly #findings: Findings;
  /** By client and what it asks: a call that is asked again is the same call. */
  readonly #calls = new Map<string, Call>();
  /** By client, node and id. */
  readonly #asked = new Map<string, Call>();
  readonly #told = new Map<number, Told[]>();
  #newest: Place = { revision: 0, n: 0 };
  judged = 0;

  constructor(parts: { readonly findings: Findings }) {
    this.#findings = parts.findings;
  }

  asks({ client, node }: Ends, frame: ClientFrame): void {
    if (frame.kind !== "requests") return;
    for (const { args, command, id, partition, requestId, seq } of frame.requests) {
      const name = `${client.pid} ${node.pid} ${id}`;
      this.#asked.delete(name);
      if (!changesState({ command, args })) continue;
      const text = `${command} ${partition ?? ""} ${JSON.stringify(args, bigintsAsText)}`;
      const identity = `${client.pid} ${seq ?? ""} ${requestId ?? ""} ${text}`;
      const call = this.#calls.get(identity) ?? { text, after: this.#newest };
      this.#calls.set(identity, call);
      this.#asked.set(name, call);
    }
  }

  answers({ client, node }: Ends, frame: DaemonFrame): void {
    if (frame.kind !== "answers") return;
    for (const answer of frame.answers) {
      const call = this.#asked.get(`${client.pid} ${node.pid} ${answer.id}`);
      if (call === undefined || "error" in answer) continue;
      this.#judgePlace(answer, call);
      const others = this.#told.get(answer.revision) ?? [];
      others.push({ ...answer, call });
      this.#told.set(answer.revision, others);
      if (isBefore(this.#newest, answer)) this.#newest = answer;
    }
  }

  /** What the calls of one entry of the committed log are answered. */
  judge(revision: number, outcomes: readonly Outcome[]): void {
    for (const { call, n, result } of this.#told.get(revision) ?? []) {
      this.judged += 1;
      const outcome = outcomes.find((each) => each.revision === revision && each.n === n);
      const made = outcome?.kind === "result" ? outcome.result : outcome;
      const [was, is] = [textOf(result), textOf(made)];
      if (was === is) continue;
      this.#findings.broken("an answer is not the one that the log makes (V18)", [
        `${call.text} was answered ${was} at revision ${revision}, ${n}`,
        `the committed log makes it: ${is}`,
      ]);
    }
  }

  #judgePlace(place: Place, { after, text }: Call): void {
    if (isBefore(after, place)) return;
    this.#findings.broken(
      "real-time order: a call stands before what was answered before it (V11)",
      [
        `${text} is answered at revision ${place.revision}, ${place.n}`,
        `before it was sent, an answer had left at revision ${after.revision}, ${after.n}`,
      ],
    );
  }
}

function isBefore(one: Place, other: Place): boolean {
  return one.revision < other.revision || (one.revision === other.revision && one.n < other.n);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, bigintsAsText);
}

function bigintsAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
