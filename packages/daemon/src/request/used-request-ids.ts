// used-request-ids.ts — a requestId is for one call. The state keeps the answer, not what was asked (SEMANTICS
// §6): who gives an id to another call would be told the first one's answer, as if his own were done. So
// every node notes beside the state what it saw executed under which id, and refuses another call under
// it. In memory only: after a restart, or from before a snapshot that came, an old id is answered as
// before. It never refuses a repeat.
import {
  defaultLimits,
  type LogEntry,
  logTimeMs,
  type Outcome,
  type Write,
} from "@rogerd/global-state";
import type { Platform } from "../platform.ts";
import { encodeEntry } from "../state/command-codec.ts";
import type { ReplicatedState } from "../state/replicated-state.ts";

export interface UsedRequestIdsParts {
  readonly platform: Pick<Platform, "digest">;
  readonly state: Pick<ReplicatedState, "listen">;
}

interface Use {
  /** Of the call. */
  readonly digest: string;
  /** In log time, as the state has it: it does not forget the id before. */
  readonly until: number;
}

export class UsedRequestIds {
  readonly #parts: UsedRequestIdsParts;
  /** In the order in which they end. */
  readonly #uses = new Map<string, Use>();
  #logTime = 0;

  constructor(parts: UsedRequestIdsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.state.listen({
      answered: (entry, outcomes) => this.#answered(entry, outcomes),
      restored: () => this.#uses.clear(),
    });
  }

  isForAnother(requestId: string, write: Write): boolean {
    const use = this.#uses.get(requestId);
    if (use === undefined || use.until <= this.#logTime) return false;
    return use.digest !== this.#digestOf(write);
  }

  #answered(entry: LogEntry, outcomes: readonly Outcome[]): void {
    const { logTime, revision, submissions } = entry;
    this.#logTime = Math.max(this.#logTime, logTime);
    for (const [n, { origin, write }] of submissions.entries()) {
      if (origin.kind !== "request") continue;
      const outcome = outcomes[n];
      if (outcome === undefined || !wasExecuted(outcome, { revision, n })) continue;
      this.#note(origin.requestId, write);
    }
  }

  #note(requestId: string, write: Write): void {
    for (const [id, { until }] of this.#uses) {
      if (until > this.#logTime) break;
      this.#uses.delete(id);
    }
    // The state has forgotten it, too: to the end of the order.
    this.#uses.delete(requestId);
    const until = this.#logTime + defaultLimits.requestTtlMs;
    this.#uses.set(requestId, { digest: this.#digestOf(write), until });
  }

  #digestOf(write: Write): string {
    const submissions = [{ origin: { kind: "none" }, write }] as const;
    const bytes = encodeEntry({ logTime: logTimeMs(0), wallMs: 0, submissions });
    return Buffer.from(this.#parts.platform.digest(bytes)).toString("base64");
  }
}

/** Here and now, and remembered: not the answer of an earlier call, and none that keeps no answer. */
function wasExecuted(
  outcome: Outcome,
  at: { readonly revision: number; readonly n: number },
): boolean {
  if (outcome.revision !== at.revision || outcome.n !== at.n) return false;
  if (outcome.kind === "result") return true;
  const { refusal } = outcome;
  if (refusal.code === "overloaded") return false;
  return refusal.code !== "invalid_argument" || refusal.path !== "requestId";
}
