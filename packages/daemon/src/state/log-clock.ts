// log-clock.ts — surface only, for now.
import type { LogTimeMs } from "@rogerd/global-state";

/** What the leader writes into an entry as its time (SEMANTICS §5). */
export interface Stamp {
  readonly logTime: LogTimeMs;
  readonly wallMs: number;
}

export class LogClock {
  /** Undefined unless this node leads and has applied the first entry of its own term. */
  stamp(): Stamp | undefined {
    throw new Error("under construction");
  }
}
