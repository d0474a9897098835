// refusal-log.ts — a refusal is one line, not one for each of the many attempts that follow. It is
// told again when its cause changes, and after the peer was welcome in between.
import type { Log, LogMessage } from "../observe/log.ts";
import type { PeerRefusal } from "./peer-hello.ts";

export type RefusalMessage = Extract<
  LogMessage,
  "peer refused" | "refused by peer" | "peer frame refused"
>;

export class RefusalLog {
  readonly #log: Log;
  readonly #told = new Map<string, string>();
  /** Strangers are many; what was told is forgotten when they are too many. */
  static readonly #peersMax = 256;

  constructor(log: Log) {
    this.#log = log;
  }

  refused(refused: {
    readonly peer: string;
    readonly message: RefusalMessage;
    readonly refusal: PeerRefusal;
  }): void {
    const { peer, message, refusal } = refused;
    const key = `${message} ${refusal.code}`;
    if (this.#told.get(peer) === key) return;
    if (this.#told.size >= RefusalLog.#peersMax) this.#told.clear();
    this.#told.set(peer, key);
    const fields = { peer, reason: refusal.code, says: refusal.sentence };
    if (refusal.code === "not-ready") this.#log.debug(fields, message);
    else this.#log.warn(fields, message);
  }

  welcomed(peer: string): void {
    this.#told.delete(peer);
  }
}
