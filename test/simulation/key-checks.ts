// key-checks.ts — judges who holds execution keys, by what clients believe (SEMANTICS §4, §7): never two that are
// awake at the same time (I1), tokens that only grow (I3), and at the end nothing in the state is held or
// waited for by a client that has given it up.
import { type ClientErrorCode, type HeldKey, RogerdError } from "@rogerd/client";
import { type GlobalState, type PartitionRead, partitionId } from "@rogerd/global-state";
import type { Trace } from "./trace.ts";
import type { Findings } from "./violation.ts";
import type { VirtualProcess } from "./virtual-time.ts";

export interface KeyCheckParts {
  readonly trace: Trace;
  readonly findings: Findings;
  readonly now: () => number;
}

interface Belief {
  readonly who: string;
  readonly process: VirtualProcess;
  readonly key: HeldKey;
}

export const keysPartition = "keys";

/** What faults can bring about. */
const possibleErrors: ReadonlySet<ClientErrorCode> = new Set([
  "unavailable",
  "indeterminate",
  "session_expired",
  "overloaded",
  "deadline_exceeded",
  "closed",
]);

export class KeyChecks {
  readonly #parts: KeyCheckParts;
  readonly #beliefs = new Set<Belief>();
  readonly #lastTokens = new Map<string, { readonly token: number; readonly who: string }>();
  /** The last session of each client that has nothing open: what is in its name is left behind. */
  readonly #leavers = new Map<number, string>();
  held = 0;
  lost = 0;

  constructor(parts: KeyCheckParts) {
    this.#parts = parts;
  }

  /** To be called when its holder does not believe any more. */
  believes(belief: Belief): () => void {
    this.held += 1;
    const { key, who } = belief;
    this.#parts.trace.say(who, `holds ${key.key} with token ${key.token}`);
    for (const other of this.#beliefs) {
      if (other.key.key === key.key && this.#isAwakeWith(other)) this.#twoHold(belief, other);
    }
    const last = this.#lastTokens.get(key.key);
    // Who could not give it back in time holds it still, and is told so when it asks again.
    const isStill = last?.token === key.token && last.who === who;
    if (last !== undefined && last.token >= key.token && !isStill) {
      this.#parts.findings.broken("a token does not grow with the grant (I3)", [
        `${who}  holds ${key.key} with token ${key.token}`,
        `${last.who}  held it before with token ${last.token}`,
      ]);
    }
    this.#lastTokens.set(key.key, { token: key.token, who });
    this.#beliefs.add(belief);
    return () => void this.#beliefs.delete(belief);
  }

  /** A process that was killed believes nothing; one that is frozen knows nothing. */
  #isAwakeWith({ key, process }: Belief): boolean {
    if (process.isEnded || key.signal.aborted) return false;
    return process.busyUntil < this.#parts.now();
  }

  #twoHold(one: Belief, other: Belief): void {
    this.#parts.findings.broken("an execution key has two live holders (I1)", [
      `${one.who}  holds ${one.key.key} with token ${one.key.token}`,
      `${other.who}  holds it with token ${other.key.token}, and is awake`,
    ]);
  }

  failed(who: string, what: string, error: unknown): void {
    if (error instanceof RogerdError && possibleErrors.has(error.code)) return;
    const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#parts.findings.broken("a key's call fails in a way that nothing here can cause", [
      `${who}  ${what}: ${says}`,
    ]);
  }

  /** It lives, and all its calls about keys have ended. */
  hasLeft(who: string, session: number): void {
    this.#leavers.set(session, who);
  }

  judgeLeft(state: GlobalState): void {
    const partition = partitionId(keysPartition);
    const args = { kind: "executionKeys", prefix: "", limit: 1_000, cursor: undefined } as const;
    const read: PartitionRead = { name: "list", partition, args };
    const answer = state.read(read);
    if (!("result" in answer) || answer.result.status !== "list") return;
    for (const item of answer.result.items) {
      if (!("holders" in item)) continue;
      for (const { owner, session, token } of item.holders) {
        const who = session === undefined ? undefined : this.#leavers.get(session);
        if (who === undefined) continue;
        this.#parts.findings.broken("what a client has given up is given back", [
          `${who}  does not know that ${owner} holds ${item.key} with token ${token} in session ${session}`,
        ]);
      }
    }
  }
}
