// lease-checks.ts — judges session leases (SEMANTICS §4, §5) by what leaves the daemons: no session expires
// before its time-to-live has passed since its open was answered, and since a confirmation of a
// keepalive left; and no client that is awake believes in a session that has expired.
import { type DaemonFrame, decodeDaemonFrame, subprotocols } from "@rogerd/protocol";
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

  /** Something leaves a client port, or comes to it. */
  left(data: Uint8Array | string): void {
    if (!mayTellOfSessions(data)) return;
    const subprotocol = typeof data === "string" ? subprotocols.json : subprotocols.msgpack;
    const decoded = decodeDaemonFrame(subprotocol, data);
    if (decoded.kind === "frame") this.#heard(decoded.frame);
  }

  #heard(frame: DaemonFrame): void {
    if (frame.kind !== "answers") return;
    const leftAt = this.#parts.now();
    for (const answer of frame.answers) {
      if ("error" in answer) continue;
      const { result } = answer;
      if (result.status === "opened" && !this.#lastWord.has(result.session)) {
        this.#lastWord.set(result.session, { what: "opened", leftAt, ttlMs: result.ttlMs });
      }
      if (result.status !== "kept") continue;
      this.kept += 1;
      this.#lastWord.set(result.session, { what: "kept", leftAt, ttlMs: result.leaseMs });
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

const words = ["opened", "kept"];

/** Most frames do not, and need not be decoded twice. */
function mayTellOfSessions(data: Uint8Array | string): boolean {
  if (typeof data === "string") return words.some((word) => data.includes(word));
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return words.some((word) => bytes.includes(word));
}
