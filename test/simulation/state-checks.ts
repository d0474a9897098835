// state-checks.ts — equal index, equal state (V5, V13, I8): the hashes that daemons take at fixed indexes
// and at the end, of all nodes and all their runs, may never differ. Also: who says that it leads (V1),
// and what a daemon may never say of itself.
import type { LogFields, LogMessage } from "@rogerd/daemon";
import type { Trace } from "./trace.ts";
import type { Findings } from "./violation.ts";

/** These are always bugs. */
const neverSaid: ReadonlySet<LogMessage> = new Set([
  "state differs from the majority",
  "no majority agrees on the state",
  "peer frame refused",
  "client frame refused",
  "request failed",
]);

/** Nobody empties a disk before the cluster stands; after it, one who has no entry yet may say so. */
const neverSaidUnfounded: LogMessage = "first founder came back without its data";

export class StateChecks {
  readonly #trace: Trace;
  readonly #findings: Findings;
  readonly #isFounded: () => boolean;
  readonly #hashes = new Map<number, { readonly hash: string; readonly by: string }>();
  readonly #leaders = new Map<number, string>();
  compared = 0;
  /** Of all hashes that were told. */
  newestIndex = 0;

  constructor(parts: {
    readonly trace: Trace;
    readonly findings: Findings;
    readonly isFounded: () => boolean;
  }) {
    this.#trace = parts.trace;
    this.#findings = parts.findings;
    this.#isFounded = parts.isFounded;
  }

  heard(who: string, fields: LogFields, message: LogMessage): void {
    this.#trace.say(who, `${message}${fieldsText(fields)}`);
    if (message === "state hash taken") {
      this.stateAt({ who, index: Number(fields["index"]), hash: String(fields["hash"]) });
    }
    if (message === "role changed" && fields["role"] === "leader") {
      this.#leads(who, Number(fields["term"]));
    }
    const isTooEarly = message === neverSaidUnfounded && !this.#isFounded();
    if (neverSaid.has(message) || isTooEarly) {
      this.#findings.broken(`a daemon says "${message}"`, [`${who}  ${fieldsText(fields)}`]);
    }
  }

  stateAt(seen: { readonly who: string; readonly index: number; readonly hash: string }): void {
    const { who, index, hash } = seen;
    this.newestIndex = Math.max(this.newestIndex, index);
    const known = this.#hashes.get(index);
    if (known === undefined) {
      this.#hashes.set(index, { hash, by: who });
      return;
    }
    this.compared += 1;
    if (known.hash === hash) return;
    this.#findings.broken("state-machine-safety: two states after one index (V5, I8)", [
      `${known.by}  after ${index}: ${known.hash}`,
      `${who}  after ${index}: ${hash}`,
    ]);
  }

  /** That some node has told; undefined: none did. */
  hashAt(index: number): { readonly hash: string; readonly by: string } | undefined {
    return this.#hashes.get(index);
  }

  #leads(who: string, term: number): void {
    const known = this.#leaders.get(term);
    this.#leaders.set(term, who);
    if (known === undefined || known === who) return;
    this.#findings.broken("election-safety: two leaders in one term (V1)", [
      `${known}  leads term ${term}`,
      `${who}  leads term ${term}`,
    ]);
  }
}

function fieldsText(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && typeof value !== "object")
    .map(([name, value]) => ` ${name}=${String(value).slice(0, 90)}`)
    .join("");
}
