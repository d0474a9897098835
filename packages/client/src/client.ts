// client.ts — what a user holds: connect, ask, drain, close. It checks what it is given and passes
// it on; it takes its world as a parameter, so that a simulator can run it as it is.
import type { PartitionItem } from "@rogerd/protocol";
import type { CallSpec, Reply } from "./call.ts";
import type { Caller, CallOptions, PartitionCaller, Question, ReadOptions } from "./caller.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { Conversation } from "./conversation.ts";
import {
  ClientClosedError,
  DeadlineExceededError,
  RogerdError,
  UnauthenticatedError,
} from "./errors.ts";
import { type ClientEvent, EventFeed } from "./events.ts";
import type { ExecutionKeys } from "./execution-key.ts";
import { checkAsk, checkedTimeout, checkSignal, unsendable } from "./given.ts";
import { Holdings } from "./holdings.ts";
import type { Jobs } from "./job.ts";
import { type ListOptions, type Page, pageOf } from "./list.ts";
import { Partition } from "./partition.ts";
import type { ClientPlatform } from "./platform.ts";
import { RogerGlobal } from "./roger.ts";
import type { SessionState } from "./session.ts";
import { type ClientSettings, settingsOf } from "./settings.ts";
import { type Watch, type WatchOptions, wishOf } from "./watch.ts";

/** How long `close()` waits for open calls unless told otherwise. */
const closeTimeoutMs = 5_000;
const closedByUser = "the client was closed";
/** The goodbye of a session is a courtesy: it ends with its lease, too. */
const goodbyeTimeoutMs = 1_000;

/**
 * A client that was connected: one session, whoever leads. Begin with `connect`; `partition` and `roger` have the
 * commands.
 */
export class RogerdClient implements Caller, AsyncDisposable {
  readonly name: string;
  readonly #platform: ClientPlatform;
  readonly #settings: ClientSettings;
  readonly #events = new EventFeed();
  readonly #conversation: Conversation;
  readonly #holdings: Holdings;
  /** For its partitions. */
  readonly #caller: PartitionCaller;
  #phase: "connecting" | "open" | "draining" | "closed" = "connecting";
  #closing: Promise<void> | undefined;

  private constructor(platform: ClientPlatform, settings: ClientSettings) {
    this.name = settings.name;
    this.#platform = platform;
    this.#settings = settings;
    const events = this.#events;
    const holdings = new Holdings({
      platform,
      events,
      timeoutMs: settings.timeoutMs,
      issue: (spec) => this.#conversation.issue(spec),
      wantNews: () => this.#conversation.wantNews(),
      missedNews: () => this.#conversation.missedNews(),
      checkOpen: () => this.#checkOpen(),
    });
    this.#holdings = holdings;
    this.#conversation = new Conversation({ platform, settings, events, reader: holdings });
    this.#caller = {
      name: this.name,
      write: (question, given) => this.write(question, given),
      read: (question, given) => this.read(question, given),
      watch: (partition, given) => this.#watch(partition, given),
      keys: () => this.#keys(),
      jobs: () => this.#jobs(),
    };
  }

  /**
   * Resolves as `until` says. Rejects when no node will ever take us, and after `timeoutMs`: then, if one has refused us
   * for good (a wrong credential) and no other took us, with that.
   */
  static async connect(platform: ClientPlatform, options: ConnectOptions): Promise<RogerdClient> {
    const client = new RogerdClient(platform, settingsOf(options));
    return client.#connect(options.signal);
  }

  /** The cluster of the first connection; a node of another is refused. */
  get clusterId(): string | undefined {
    return this.#conversation.clusterId;
  }

  get session(): { readonly state: SessionState; readonly id: number | undefined } {
    const { sessionState, id } = this.#conversation.session;
    return { state: sessionState, id };
  }

  partition(id: string): Partition {
    return new Partition(this.#caller, { id });
  }

  /** Roger's twelve call forms by their old names. */
  roger(): RogerGlobal {
    return new RogerGlobal(this);
  }

  /** One page of the partitions whose id starts with `prefix`; further ones as of `Partition.list`. */
  async partitions(options: ListOptions = {}): Promise<Page<PartitionItem>> {
    const { prefix = "", limit = 100, cursor } = options;
    const args = { prefix, limit, ...(cursor === undefined ? {} : { cursor }) };
    const command = "partition.list";
    const reply = await this.read({ command, args }, options);
    return pageOf((item): item is PartitionItem => "partition" in item, command, reply);
  }

  /**
   * What changes in the cluster from now on, or after `from`, in the order of the log: of all partitions,
   * and partitions and sessions themselves. It goes on by itself after a lost connection, on any node.
   */
  watch(options: WatchOptions = {}): Watch {
    return this.#watch(undefined, options);
  }

  /** What happens between calls, from now on. Nobody has to read it. */
  events(): AsyncIterableIterator<ClientEvent> {
    return this.#events.read();
  }

  /** For commands that have no method here; executed once however often it is sent. */
  write(question: Question, options: CallOptions = {}): Promise<Reply> {
    return this.#issue("write", question, options);
  }

  /**
   * The newest state, or with `stale` any that is not older than what this client was shown. A command that changes
   * the state is refused: it is for `write`.
   */
  read(question: Question, options: ReadOptions = {}): Promise<Reply> {
    return this.#issue(options.stale === true ? "stale-read" : "read", question, options);
  }

  /** Refuses new calls and waits for the open ones, each within its own time. */
  async drain(): Promise<void> {
    if (this.#phase === "connecting" || this.#phase === "open") this.#phase = "draining";
    await this.#conversation.whenIdle();
  }

  /**
   * Drains for at most `timeoutMs` (5 s), aborts the signals of all keys and runs, ends the session, which frees
   * them, rejects what is still open, and hangs up.
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? closeTimeoutMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #watch(partition: string | undefined, options: WatchOptions): Watch {
    checkSignal(options.signal);
    const wish = wishOf(partition, options);
    const { types = null, prefix = null, from = null } = wish;
    const wrong = unsendable({ command: "watch", partition, args: { types, prefix, from } });
    if (wrong !== undefined) throw wrong;
    const watch = this.#conversation.watch(wish);
    watch.endWith(options.signal);
    return watch;
  }

  #connect(signal: AbortSignal | undefined): Promise<RogerdClient> {
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this.#settings;
      const finish = (): void => {
        timer.cancel();
        signal?.removeEventListener("abort", abort);
      };
      const fail = (reason: unknown): void => {
        finish();
        this.#hangUp("connecting failed");
        reject(reason);
      };
      const abort = (): void => fail(signal?.reason);
      const timer = this.#platform.setTimer(timeoutMs, () => fail(this.#connectTimeout()));
      if (signal?.aborted === true) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      this.#conversation.start({
        failed: fail,
        live: () => {
          finish();
          this.#phase = "open";
          resolve(this);
        },
      });
    });
  }

  /** Where a node refuses us and no other took us, that is what is to be mended. */
  #connectTimeout(): RogerdError {
    const { timeoutMs, endpoints, until } = this.#settings;
    const what = until === "node" ? "no node that takes us" : "no session";
    const message = `${what} at ${endpoints.join(", ")} within ${timeoutMs} ms`;
    const { obstacle, refusal } = this.#conversation;
    const late = new DeadlineExceededError({ message, cause: obstacle, outcomeKnown: true });
    if (refusal === undefined) return late;
    const parts = { message: `${refusal.message}; ${message}`, cause: late };
    if (refusal instanceof UnauthenticatedError) return new UnauthenticatedError(parts);
    return new RogerdError(refusal.code, parts);
  }

  async #issue(kind: CallSpec["kind"], question: Question, options: CallOptions): Promise<Reply> {
    this.#checkOpen();
    checkAsk(kind, question);
    const { command, partition, args } = question;
    const timeoutMs = checkedTimeout("timeoutMs", options.timeoutMs ?? this.#settings.timeoutMs);
    const { signal } = options;
    checkSignal(signal);
    return this.#conversation.issue({ kind, command, partition, args, timeoutMs, signal });
  }

  #jobs(): Jobs {
    return {
      start: async (asked, options) => {
        this.#checkOpen();
        return this.#holdings.start(asked, options);
      },
    };
  }

  /** What frees is asked while the client drains, too: nothing new is acquired then. */
  #keys(): ExecutionKeys {
    const keys = this.#holdings;
    return {
      acquire: async (asked, options) => {
        this.#checkOpen();
        return keys.acquire(asked, options);
      },
      withdraw: (of, options) => keys.withdraw(of, options),
      release: (of, options) => keys.release(of, options),
    };
  }

  #checkOpen(): void {
    if (this.#phase === "open") return;
    throw new ClientClosedError({ message: `the client is ${this.#phase}: no new calls` });
  }

  async #close(timeoutMs: number): Promise<void> {
    await this.#within(timeoutMs, this.drain());
    // What is held is free once the goodbye is in the log: nobody is to go on with it then.
    this.#holdings.close(closedByUser);
    await this.#conversation.closeSession(goodbyeTimeoutMs).catch(goodbyeUnheard);
    this.#hangUp(closedByUser);
  }

  #hangUp(reason: string): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#holdings.close(reason);
    this.#conversation.stop(reason);
    this.#events.end();
  }

  #within(timeoutMs: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#platform.setTimer(timeoutMs, resolve);
      void work.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

/** Whether the goodbye was heard changes nothing for who closes: the session ends anyway. */
function goodbyeUnheard(_error: unknown): void {}
