// lease-checks.ts — judges session leases (SEMANTICS §4, §5) by what leaves the daemons: no session expires
// before its time-to-live has passed since its open was answered, and since a confirmation of a
// keepalive left; and no client that is awake believes in a session that has expired.
import type { ClientFrame, DaemonFrame } from "@rogerd/protocol";
import type { Ends } from "./told-answers.ts";
import type { Findings } from "./violation.ts";

/** A client that runs now, and the session it has as far as it knows. */
export interface Believer {
  readonly name: string;
  readonly isAwake: boolean;
  readonly session: { readonly state: string; readonly id: number | undefined };
}

export interface LeaseCheckParts {
  readonly findings: Findings;
  readonly now: () => number;
  /** By so much a clock may run faster than time. */
  readonly clockDrift: number;
}

interface Word {
  readonly what: "opened" | "kept";
  readonly leftAt: number;
  readonly ttlMs: number;
}

export class LeaseChecks {
  readonly #parts: LeaseCheckParts;
  readonly #lastWord = new Map<number, Word>();
  /** By client, node and request: the openId of a `session.open`. */
  readonly #asked = new Map<string, string>();
  /** By openId: when a session could have begun at the earliest, and how often it was asked for. */
  readonly #openings = new Map<string, { readonly firstAt: number; times: number }>();
  #believers: () => readonly Believer[] = () => [];
  kept = 0;
  expired = 0;

  constructor(parts: LeaseCheckParts) {
    this.#parts = parts;
  }

  /** Set once: clients come after their judges. */
  watches(believers: () => readonly Believer[]): void {
    this.#believers = believers;
  }

  asks({ client, node }: Ends, frame: ClientFrame): void {
    if (frame.kind !== "requests") return;
    const way = `${client.pid}>${node.pid}`;
    for (const { args, command, id } of frame.requests) {
      const openId = String(args["openId"]);
      if (command !== "session.open") continue;
      const opening = this.#openings.get(openId) ?? { firstAt: this.#parts.now(), times: 0 };
      opening.times += 1;
      this.#openings.set(openId, opening);
      this.#asked.set(`${way} ${id}`, openId);
    }
  }

  answers({ client, node }: Ends, frame: DaemonFrame): void {
    if (frame.kind !== "answers") return;
    const way = `${client.pid}>${node.pid}`;
    const now = this.#parts.now();
    for (const answer of frame.answers) {
      if ("error" in answer) continue;
      const { result } = answer;
      if (result.status === "opened" && !this.#lastWord.has(result.session)) {
        // Asked again, it may have begun with the first, whose answer nobody got; its client counts so, too.
        const opening = this.#openings.get(this.#asked.get(`${way} ${answer.id}`) ?? "");
        const leftAt = opening === undefined || opening.times === 1 ? now : opening.firstAt;
        this.#lastWord.set(result.session, { what: "opened", leftAt, ttlMs: result.ttlMs });
      }
      if (result.status !== "kept") continue;
      this.kept += 1;
      this.#lastWord.set(result.session, { what: "kept", leftAt: now, ttlMs: result.leaseMs });
    }
  }

  /** A leader says that the end of a session was applied. */
  expires(who: string, session: number): void {
    this.expired += 1;
    const now = this.#parts.now();
    const word = this.#lastWord.get(session);
    if (word !== undefined) {
      const leastMs = word.ttlMs / (1 + this.#parts.clockDrift);
      if (now - word.leftAt < leastMs) {
        this.#parts.findings.broken(
          "a session expires before its time-to-live has passed (SEMANTICS §4.11)",
          [
            `${who}  session ${session} expired at ${now.toFixed(1)}`,
            `${word.what} left at ${word.leftAt.toFixed(1)}, for ${word.ttlMs} ms`,
          ],
        );
      }
    }
    for (const { isAwake, name, session: own } of this.#believers()) {
      const believes = own.state === "live" || own.state === "jeopardy";
      if (!isAwake || own.id !== session || !believes) continue;
      this.#parts.findings.broken(
        "a client believes in a session that has expired (SEMANTICS §4.10)",
        [
          `${name}  session ${session} is ${own.state}`,
          `${who}  session ${session} expired at ${now.toFixed(1)}`,
        ],
      );
    }
  }
}
