// hold-checks.ts — judges who holds execution keys and who runs jobs, by what clients believe (SEMANTICS §4, §7):
// never two that are awake at the same time (I1), tokens that grow with the grants (I3), a run that its client
// believes in is there to be finished, and at the end nothing in the state is held, run or waited for by a client
// that has given it up (I4).
import { RogerdError, type Run, StopWantedError } from "@rogerd/client";
import { type GlobalState, type PartitionRead, partitionId } from "@rogerd/global-state";
import { possibleErrors } from "./possible-errors.ts";
import type { Trace } from "./trace.ts";
import type { Findings } from "./violation.ts";
import type { VirtualProcess } from "./virtual-time.ts";

export interface HoldCheckParts {
  readonly trace: Trace;
  readonly findings: Findings;
  readonly now: () => number;
}

export interface Belief {
  readonly who: string;
  readonly process: VirtualProcess;
  /** `key k1`, `job j-1`: what is his alone. */
  readonly things: readonly string[];
  readonly token: number;
  /** At which it was granted. */
  readonly revision: number;
  /** Aborted for good: he believes no more. */
  readonly signal: AbortSignal;
}

type Grant = Pick<Belief, "who" | "token" | "revision">;

export const heldPartition = "keys";

/**
 * Only the resource can tell who is too late there: a takeover, a forced release and a drop do not wait for
 * whom they fence (SEMANTICS §4.2). `some-…` may have several holders.
 */
export function isShared(thing: string): boolean {
  return [" taken", " passing", " some-"].some((word) => thing.includes(word));
}

export class HoldChecks {
  readonly #parts: HoldCheckParts;
  readonly #beliefs = new Set<Belief>();
  /** Of each thing, in the order in which clients learned of them. */
  readonly #grants = new Map<string, Grant[]>();
  /** The last session of each client that has nothing open: what is in its name is left behind. */
  readonly #leavers = new Map<number, string>();
  /** The sessions that living clients count on at the end, and the last ones of clients that were killed. */
  readonly #living = new Map<number, string>();
  readonly #dead = new Map<number, string>();
  /** `over`: at the end they have had all their time. */
  deadLeases: "may last" | "over" = "may last";
  held = 0;
  lost = 0;
  /** Runs that were told to stop. */
  stopped = 0;

  constructor(parts: HoldCheckParts) {
    this.#parts = parts;
  }

  /** To be called when its holder does not believe any more. */
  believes(belief: Belief): () => void {
    const { signal, things, token, who } = belief;
    // Told late that it was his, and in the same breath that it is no more: he believes nothing.
    if (signal.aborted && !(signal.reason instanceof StopWantedError)) return () => undefined;
    this.held += 1;
    this.#parts.trace.say(who, `has ${things.join(" and ")} with token ${token}`);
    for (const thing of things) {
      this.#judgeAlone(thing, belief);
      this.#judgeToken(thing, belief);
    }
    this.#beliefs.add(belief);
    return () => void this.#beliefs.delete(belief);
  }

  #judgeAlone(thing: string, belief: Belief): void {
    if (isShared(thing)) return;
    for (const other of this.#beliefs) {
      if (!other.things.includes(thing) || !this.#isAwakeWith(other)) continue;
      this.#parts.findings.broken(`${thing.split(" ")[0]} with two live holders (I1)`, [
        `${belief.who}  has ${thing} with token ${belief.token}`,
        `${other.who}  has it with token ${other.token}, and is awake`,
      ]);
    }
  }

  /** Grants may be learned of in another order than they were made; who has it still is told of the same one. */
  #judgeToken(thing: string, { revision, token, who }: Grant): void {
    if (thing.includes(" some-")) return;
    const others = this.#grants.get(thing) ?? [];
    for (const other of others) {
      if (other.token === token && other.who === who) continue;
      const isLater = revision > other.revision;
      const isGreater = token > other.token;
      if (token !== other.token && (revision === other.revision || isLater === isGreater)) continue;
      this.#parts.findings.broken("a token does not grow with the grant (I3)", [
        `${who}  has ${thing} with token ${token} since revision ${revision}`,
        `${other.who}  had it with token ${other.token} since revision ${other.revision}`,
      ]);
    }
    this.#grants.set(thing, [...others.slice(-20), { who, token, revision }]);
  }

  /** A process that was killed believes nothing; one that is frozen knows nothing. */
  #isAwakeWith({ process, signal }: Belief): boolean {
    if (process.isEnded || signal.aborted) return false;
    return process.busyUntil < this.#parts.now();
  }

  /** Nobody has told him that it is over, and nobody but his session can end it. */
  wasNotRunning(who: string, { jobId, token }: Pick<Run, "jobId" | "token">): void {
    if (isShared(`job ${jobId}`)) return;
    this.#parts.findings.broken("a run that its client believes in does not run (I4)", [
      `${who}  finishes ${jobId} with token ${token}: not_running`,
    ]);
  }

  failed(who: string, what: string, error: unknown): void {
    if (error instanceof RogerdError && possibleErrors.has(error.code)) return;
    const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#parts.findings.broken("a call fails in a way that nothing here can cause", [
      `${who}  ${what}: ${says}`,
    ]);
  }

  /** It lives, and all its calls about keys and jobs have ended. */
  hasLeft(who: string, session: number): void {
    this.#leavers.set(session, who);
  }

  hasDied(who: string, session: number): void {
    this.#dead.set(session, who);
  }

  lives(who: string, session: number): void {
    this.#living.set(session, who);
  }

  judgeLeft(state: GlobalState): void {
    this.#judgeSessions(state);
    for (const kind of ["executionKeys", "runs"] as const) {
      for (const item of itemsOf(state, kind)) {
        if ("holders" in item) {
          for (const { owner, session, token } of item.holders) {
            this.#judgeOne(session, `${owner} holds ${item.key} with token ${token}`);
          }
        }
        if ("jobId" in item && "session" in item) {
          this.#judgeOne(item.session, `${item.jobId} runs with token ${item.token}`);
        }
      }
    }
  }

  #judgeSessions(state: GlobalState): void {
    const sessions = new Set<number>([...state.sessions()].map(({ id }) => id));
    for (const [session, who] of this.#living) {
      if (sessions.has(session)) continue;
      this.#parts.findings.broken("a session that its client counts on is there (V16)", [
        `${who}  counts on session ${session}, which has ended`,
      ]);
    }
    for (const [session, who] of this.#dead) {
      if (this.deadLeases === "may last" || !sessions.has(session)) continue;
      this.#parts.findings.broken("the session of a dead client ends in time (V23)", [
        `${who}  was killed, and session ${session} is still there`,
      ]);
    }
  }

  #judgeOne(session: number | undefined, what: string): void {
    const who = session === undefined ? undefined : this.#leavers.get(session);
    if (who === undefined) return;
    this.#parts.findings.broken("what a client has given up is given back", [
      `${who}  does not know that ${what} in session ${session}`,
    ]);
  }
}

function itemsOf(state: GlobalState, kind: "executionKeys" | "runs") {
  const partition = partitionId(heldPartition);
  const args = { kind, prefix: "", limit: 1_000, cursor: undefined } as const;
  const read: PartitionRead = { name: "list", partition, args };
  const answer = state.read(read);
  return "result" in answer && answer.result.status === "list" ? answer.result.items : [];
}
