// traffic-checks.ts — bounded work (V24): what one node sends another in a whole run is a few messages for
// every heartbeat interval and for every entry, whatever broke meanwhile. Two that answer each other
// without end, or ask again at once, pass that in seconds.
import type { Message } from "@rogerd/raft";
import type { Findings } from "./violation.ts";

/** 1.7 is the most that was seen over hundreds of seeds; reads ask for rounds of their own. */
const perCauseMax = 4;
const anywayMax = 200;

export interface TrafficChecksParts {
  readonly findings: Findings;
  readonly heartbeatMs: number;
  readonly now: () => number;
  /** Of all logs. */
  readonly entries: () => number;
  readonly nameOf: (nodeId: string) => string;
}

export class TrafficChecks {
  readonly #parts: TrafficChecksParts;
  readonly #sent = new Map<string, number>();

  constructor(parts: TrafficChecksParts) {
    this.#parts = parts;
  }

  left({ from, to }: Message): void {
    const link = `${from} ${to}`;
    const sent = (this.#sent.get(link) ?? 0) + 1;
    this.#sent.set(link, sent);
    if (sent % anywayMax === 0) this.#judge({ from, to, sent });
  }

  #judge({ from, sent, to }: Pick<Message, "from" | "to"> & { readonly sent: number }): void {
    const { entries, findings, heartbeatMs, nameOf, now } = this.#parts;
    const heartbeats = Math.floor(now() / heartbeatMs);
    const max = perCauseMax * (heartbeats + entries()) + anywayMax;
    if (sent <= max) return;
    findings.broken("bounded work: too many messages (V24)", [
      `${nameOf(from)} has sent ${nameOf(to)} ${sent} messages, at most ${max} are explained`,
      `${heartbeats} heartbeat intervals, ${entries()} entries`,
    ]);
  }
}
