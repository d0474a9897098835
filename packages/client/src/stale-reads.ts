// stale-reads.ts — the reads for which an older state will do (`ReadOptions.stale`). They need neither
// a session nor a leader: the leader is asked where one is connected, else any node that is. Each is
// sent with the newest revision that this client was shown (`revisionMin`), so that no answer takes it
// back in time. Whom to ask next is decided here, what an answer means for its call in requests.ts.
import { type Answer, type ErrorObject, requestsPerFrameMax } from "@rogerd/protocol";
import { type BackOffBounds, backOffMs } from "./back-off.ts";
import type { CallSpec, Rejection, Reply } from "./call.ts";
import type { Connection } from "./connection.ts";
import { errorFromWire, type RogerdError } from "./errors.ts";
import type { ClientPlatform, Timer } from "./platform.ts";
import { Requests, type RequestsParts } from "./requests.ts";
import { bufferedBytesMax, bufferedCheckMs, sendCalls } from "./send-calls.ts";

export interface StaleReadsParts {
  readonly platform: ClientPlatform;
  readonly backOff: BackOffBounds;
  readonly requests: Omit<RequestsParts, "onWaiting" | "obstacle">;
  /** Nodes that take requests now, the leader first. */
  readonly nodes: () => readonly Connection[];
  /** How many more calls may be in flight there. */
  readonly room: (connection: Connection) => number;
  /** Why other nodes than these can't be asked, as far as known. */
  readonly obstacle: () => RogerdError | undefined;
}

export class StaleReads {
  readonly #parts: StaleReadsParts;
  readonly #requests: Requests;
  /** Something was sent there, and an answer may still come. */
  readonly #asked = new Set<Connection>();
  /** Behind what we have seen, full, or not serving: others first, until the pause is over. */
  readonly #declined = new Set<Connection>();
  #retryAfterMs = 0;
  /** Pauses in a row without an answer. */
  #setbacks = 0;
  #pause: Timer | undefined;
  #isFlushPlanned = false;
  #obstacle: RogerdError | undefined;

  constructor(parts: StaleReadsParts) {
    this.#parts = parts;
    this.#requests = new Requests({
      ...parts.requests,
      onWaiting: () => this.planFlush(),
      obstacle: () => this.#obstacle ?? parts.obstacle(),
    });
  }

  get openCount(): number {
    return this.#requests.openCount;
  }

  get inFlightCount(): number {
    return this.#requests.inFlightCount;
  }

  issue(spec: CallSpec): Promise<Reply> {
    return this.#requests.issue(spec);
  }

  whenIdle(): Promise<void> {
    return this.#requests.whenIdle();
  }

  /** Rejects what is open. Nothing happens after it. */
  stop(rejection: Rejection): void {
    this.#pause?.cancel();
    this.#requests.rejectAll(rejection);
    this.#requests.stop();
  }

  /** Another node can be asked, or this one anew. */
  opened(connection: Connection): void {
    this.#declined.delete(connection);
    this.planFlush();
  }

  /** What was asked there is asked elsewhere: a read may be repeated at will. */
  gone(connection: Connection): void {
    this.#declined.delete(connection);
    if (this.#asked.delete(connection)) this.#requests.carrierLost();
    this.planFlush();
  }

  isAwaiting(connection: Connection): boolean {
    return this.#asked.has(connection) && this.inFlightCount > 0;
  }

  /** False: it is no answer to one of these. */
  takes(connection: Connection, answer: Answer): boolean {
    const advice = this.#requests.answered(answer);
    switch (advice.kind) {
      case "nobody":
        return false;
      case "elsewhere":
      case "later":
        this.#decline(connection, advice.error);
        return true;
      case "go-on":
      case "session-ended":
        this.#setbacks = 0;
        this.#obstacle = undefined;
        return true;
    }
  }

  /** Once a turn: its reads go out together. */
  planFlush(): void {
    if (this.#isFlushPlanned || !this.#requests.isWaiting) return;
    this.#isFlushPlanned = true;
    this.#parts.platform.afterTurn(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  #decline(connection: Connection, error: ErrorObject): void {
    this.#obstacle = errorFromWire(error, { outcomeKnown: true });
    this.#declined.add(connection);
    this.#retryAfterMs = Math.max(this.#retryAfterMs, error.retryAfterMs ?? 0);
    this.planFlush();
  }

  #flush(): void {
    const requests = this.#requests;
    while (requests.isWaiting) {
      const connection = this.#parts.nodes().find((node) => !this.#declined.has(node));
      if (connection === undefined) return this.#waitForNodes();
      if (connection.bufferedBytes() > bufferedBytesMax) return this.#pauseFor(bufferedCheckMs);
      const calls = requests.take(Math.min(this.#parts.room(connection), requestsPerFrameMax));
      if (calls.length === 0) return;
      this.#asked.add(connection);
      sendCalls(calls, { connection, requests });
    }
  }

  /** All that are there declined: they are asked again after a while. Where none is there, the next comes by `opened`. */
  #waitForNodes(): void {
    if (this.#declined.size === 0 || this.#pause !== undefined) return;
    const { backOff, platform } = this.#parts;
    const jitterMs = backOffMs({
      ...backOff,
      failures: this.#setbacks,
      seed: platform.drawSeed(),
    });
    this.#setbacks += 1;
    this.#pauseFor(this.#retryAfterMs + jitterMs);
  }

  #pauseFor(delayMs: number): void {
    this.#pause ??= this.#parts.platform.setTimer(delayMs, () => {
      this.#pause = undefined;
      this.#retryAfterMs = 0;
      this.#declined.clear();
      this.#flush();
    });
  }
}
