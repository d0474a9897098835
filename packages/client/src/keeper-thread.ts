// keeper-thread.ts — the keeper's thread as the client sees it: says which session to keep and, all the time,
// that the client's own loop turns; and hears what came of it, also in the middle of a turn: what was
// confirmed while this loop was blocked must count before anybody judges the clocks. A thread that dies is told,
// and missed by nobody: the client sends keepalives, too.
import { InvalidArgumentError, RogerdError } from "./errors.ts";
import type { EventFeed } from "./events.ts";
import type { KeeperNews, KeeperSettings, KeptSession } from "./keeper-words.ts";
import type { Confirmation } from "./lease.ts";
import type { ClientPlatform, Thread, ThreadListener, Timer } from "./platform.ts";
import type { ClientSettings } from "./settings.ts";

/** Within the turn in which it is heard, at the latest. */
export interface KeeperReader {
  confirmed(): void;
  ended(session: number): void;
}

export interface KeeperThreadParts {
  readonly platform: ClientPlatform;
  readonly events: EventFeed;
  readonly start: (listener: ThreadListener) => Thread;
  readonly maxStallMs: number;
}

const beatMsMax = 500;
const beatsPerStall = 4;

export class KeeperThread {
  readonly #parts: KeeperThreadParts;
  #reader: KeeperReader | undefined;
  #stage: "idle" | "running" | "over" = "idle";
  #thread: Thread | undefined;
  #timer: Timer | undefined;
  /** Heard and not yet asked for: the newest. */
  #confirmed: (Confirmation & { readonly session: number }) | undefined;
  #untold: KeeperNews[] = [];

  constructor(parts: KeeperThreadParts) {
    this.#parts = parts;
  }

  hearNews(reader: KeeperReader): void {
    this.#reader = reader;
  }

  /** This one from now on, and no other. The first one starts the thread. */
  keep(session: KeptSession): void {
    this.#confirmed = undefined;
    if (this.#stage === "idle") this.#start();
    this.#thread?.tell({ kind: "keep", session });
  }

  leave(): void {
    this.#confirmed = undefined;
    this.#thread?.tell({ kind: "leave" });
  }

  /** For good. */
  end(): void {
    this.#stage = "over";
    this.#timer?.cancel();
    this.#thread?.stop();
    this.#thread = undefined;
  }

  /** The newest one of this session that was not taken yet. */
  takeConfirmation(session: number): Confirmation | undefined {
    this.#hear();
    const confirmed = this.#confirmed;
    this.#confirmed = undefined;
    return confirmed?.session === session ? confirmed : undefined;
  }

  #start(): void {
    this.#stage = "running";
    const listener = { said: () => this.#said(), died: (reason: string) => this.#died(reason) };
    try {
      this.#thread = this.#parts.start(listener);
    } catch (error) {
      // Where a process may start no threads, for one. Told when whoever connects can hear it.
      const reason = error instanceof Error ? error.message : String(error);
      return this.#parts.platform.afterTurn(() => this.#died(reason));
    }
    this.#beat();
  }

  /** How long this loop was blocked is how long this was not said. */
  #beat(): void {
    const { platform, maxStallMs } = this.#parts;
    if (this.#thread === undefined) return;
    this.#thread.beat();
    const delayMs = Math.min(beatMsMax, maxStallMs / beatsPerStall);
    this.#timer = platform.setTimer(delayMs, () => this.#beat());
  }

  #said(): void {
    this.#hear();
    if (this.#confirmed !== undefined) this.#reader?.confirmed();
  }

  /** Also where a lease is looked at, which nothing may interrupt: what it ends ends after that. */
  #hear(): void {
    for (const news of this.#thread?.take() ?? []) {
      if (news.kind === "confirmed") this.#confirmed = news;
      else if (this.#untold.push(news) === 1) this.#parts.platform.afterTurn(() => this.#tell());
    }
  }

  #tell(): void {
    const untold = this.#untold;
    this.#untold = [];
    const { events } = this.#parts;
    for (const news of untold) {
      if (news.kind === "ended") this.#reader?.ended(news.session);
      if (news.kind === "withheld") events.tell({ kind: "stalled", stalledMs: news.stalledMs });
      if (news.kind !== "refused") continue;
      const error = new RogerdError(news.code, { message: news.message });
      events.tell({ kind: "keeper-refused", error });
    }
  }

  #died(reason: string): void {
    if (this.#stage !== "running") return;
    // What it said before counts.
    this.#hear();
    this.end();
    this.#parts.events.tell({ kind: "keeper-died", reason });
  }
}

/** Undefined: nobody asked for one. */
export function keeperThreadOf(parts: {
  readonly platform: ClientPlatform;
  readonly events: EventFeed;
  readonly settings: ClientSettings;
  /** As known when the first session has begun. */
  readonly clusterId: () => string | undefined;
}): KeeperThread | undefined {
  const { platform, events, settings, clusterId } = parts;
  const { maxStallMs, endpoints, link } = settings;
  if (maxStallMs === undefined) return undefined;
  const { startKeeper } = platform;
  if (startKeeper === undefined) {
    const message = 'keepalives: "thread" needs worker threads, and there are none here';
    throw new InvalidArgumentError({ message, path: "keepalives" });
  }
  const keeperSettings = (): KeeperSettings => ({
    endpoints,
    clusterId: clusterId(),
    link,
    maxStallMs,
  });
  const start = (listener: ThreadListener): Thread => startKeeper(keeperSettings(), listener);
  return new KeeperThread({ platform, events, start, maxStallMs });
}
