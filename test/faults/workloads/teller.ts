// teller.ts — a worker's own words: lines to its runner, which outlive it. What others could see the effect of is said
// before it is done, and stands in the pipe by then: a worker that is killed has done nothing that it has not said.
// All else waits for company, for a moment.
import { RogerdError } from "@rogerd/client";
import { type HistoryLine, nowUs, type WorkloadName } from "../history/history-line.ts";

type Spoken = Exclude<HistoryLine, { readonly kind: "resource" }>;
/** Of each kind of line without what is of all of them. */
type Said<Line extends Spoken = Spoken> = Line extends Spoken ? Omit<Line, "at" | "worker"> : never;

export interface ToldCall {
  readonly workload: WorkloadName;
  readonly object: string;
  readonly asks: object;
}

/** What is told of an answer. */
export interface ToldAnswer {
  readonly answer: unknown;
  readonly revision?: number;
  readonly by?: "user";
}

const waitsAtMostMs = 50;

/** Why its own user aborted a call. */
export const gaveUp: Error = new Error("gave up");

export class Teller {
  readonly #worker: string;
  readonly #write: (text: string) => void;
  #unsaid = "";
  #timer: NodeJS.Timeout | undefined;
  #calls = 0;

  /** `write` has written when it returns. */
  constructor(parts: { readonly worker: string; readonly write: (text: string) => void }) {
    this.#worker = parts.worker;
    this.#write = parts.write;
  }

  /** Told sooner or later; at a time of its own if it is of the past. */
  say(line: Said, at: number = nowUs()): void {
    const { kind, ...rest } = line;
    this.#unsaid += `${JSON.stringify({ kind, at, worker: this.#worker, ...rest })}\n`;
    this.#timer ??= setTimeout(() => this.flush(), waitsAtMostMs);
  }

  /** Told before this returns. */
  sayAtOnce(line: Said): void {
    this.say(line);
    this.flush();
  }

  /** Makes a call between its two lines; undefined: it failed, as its end line says. */
  async call<Answer>(
    call: ToldCall,
    make: () => Promise<Answer>,
    tell: (answer: Answer) => ToldAnswer,
  ): Promise<Answer | undefined> {
    this.#calls += 1;
    const id = this.#calls;
    this.sayAtOnce({ kind: "begin", id, ...call, asks: { ...call.asks } });
    try {
      const answer = await make();
      this.say({ kind: "end", id, outcome: "answered", ...tell(answer) });
      return answer;
    } catch (error) {
      this.say({ kind: "end", id, ...failureOf(error) });
      return undefined;
    }
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#unsaid;
    this.#unsaid = "";
    if (text !== "") this.#write(text);
  }
}

function failureOf(error: unknown): {
  readonly outcome: "without-effect" | "unknown";
  readonly code: string;
} {
  if (error === gaveUp) return { outcome: "unknown", code: "gave_up" };
  if (!(error instanceof RogerdError)) {
    return {
      outcome: "unknown",
      code: error instanceof Error ? String(error.stack) : "not an error",
    };
  }
  return { outcome: error.outcomeKnown ? "without-effect" : "unknown", code: error.code };
}
