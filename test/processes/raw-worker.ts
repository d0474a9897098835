// raw-worker.ts — a worker that speaks the protocol of docs/protocol.md itself, in one session that outlives its
// connections: each call keeps its number until it is answered, and how a wait ended is told by push or by sync.
import { subprotocols } from "@rogerd/protocol";
import { WebSocket } from "ws";

/** What came in a frame; tests compare it, nothing else looks inside. */
export type Fields = Readonly<Record<string, unknown>>;

interface Connection {
  readonly socket: WebSocket;
  readonly open: Map<number, (answer: Fields) => void>;
}

const again: ReadonlySet<unknown> = new Set([
  "not_leader",
  "unavailable",
  "overloaded",
  "indeterminate",
]);
const keepaliveMs = 1_000;
const pauseMs = 50;

export class RawWorker implements AsyncDisposable {
  readonly #endpoints: readonly string[];
  readonly #openId: string;
  readonly #endings: Map<number, Fields> = new Map();
  readonly #waiting: Map<number, (ending: Fields) => void> = new Map();
  /** All pushes, in order. */
  readonly pushes: Fields[] = [];
  #connection: Connection | undefined;
  #connecting: Promise<Connection> | undefined;
  #id = 0;
  #sequence = 0;
  #isClosed = false;
  readonly #keepalives: NodeJS.Timeout;

  constructor(parts: { readonly endpoints: readonly string[]; readonly number: number }) {
    this.#endpoints = parts.endpoints;
    this.#openId = parts.number.toString(16).padStart(32, "0");
    this.#keepalives = setInterval(
      () => void this.#keepAlive().catch(() => this.#assertClosed()),
      keepaliveMs,
    );
  }

  /** The result of a write, whatever happens on the way; and under which number it was asked. */
  async call(command: string, args: object): Promise<{ readonly seq: number; result: Fields }> {
    this.#sequence += 1;
    const seq = this.#sequence;
    for (;;) {
      const answer = await this.#ask({ partition: "acme", command, args, seq });
      if (isFields(answer["result"])) return { seq, result: answer["result"] };
      const { code } = isFields(answer["error"]) ? answer["error"] : {};
      if (!again.has(code)) throw new Error(`${command}: ${JSON.stringify(answer)}`);
      await pause();
    }
  }

  /** How the wait ended that this call was answered. */
  async endingOf(seq: number): Promise<Fields> {
    const known = this.#endings.get(seq);
    if (known !== undefined) return known;
    return new Promise((resolve) => this.#waiting.set(seq, resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#keepalives);
    this.#connection?.socket.terminate();
    await this.#connecting?.catch(() => undefined);
    this.#connection?.socket.terminate();
  }

  /** Also while it only waits: who is not connected is told nothing, and loses its session. */
  async #keepAlive(): Promise<void> {
    if (this.#isClosed) return;
    const connection = await this.#connected();
    await request(connection, { id: this.#nextId(), command: "session.keepalive", args: {} });
  }

  #assertClosed(): void {
    if (!this.#isClosed) throw new Error("a worker that is not closed stays connected");
  }

  async #ask(asked: Fields): Promise<Fields> {
    const connection = await this.#connected();
    const answer = await request(connection, { id: this.#nextId(), ...asked });
    const { code } = isFields(answer["error"]) ? answer["error"] : {};
    if (code === "not_leader") this.#leave(connection);
    return answer;
  }

  #nextId(): number {
    this.#id += 1;
    return this.#id;
  }

  #leave(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined;
    connection.socket.terminate();
  }

  async #connected(): Promise<Connection> {
    if (this.#connection !== undefined) return this.#connection;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** To the leader, in the session, and told from then on what others do to it. */
  async #connect(): Promise<Connection> {
    for (let at = 0; !this.#isClosed; at += 1) {
      const endpoint = this.#endpoints[at % this.#endpoints.length] ?? "";
      const connection = await this.#dial(endpoint);
      if (connection !== undefined && (await this.#takeUp(connection))) {
        this.#connection = connection;
        return connection;
      }
      connection?.socket.terminate();
      await pause();
    }
    throw new Error("the worker is closed");
  }

  #dial(endpoint: string): Promise<Connection | undefined> {
    const socket = new WebSocket(`ws://${endpoint}/v1`, [subprotocols.json]);
    const connection: Connection = { socket, open: new Map() };
    return new Promise((resolve) => {
      socket.on("open", () => {
        socket.send(JSON.stringify({ kind: "hello", protocol: 1, client: "raw worker" }));
      });
      socket.on("message", (data: Buffer) => {
        const frame: unknown = JSON.parse(data.toString());
        if (!isFields(frame)) return;
        if (frame["kind"] === "welcome") resolve(connection);
        else this.#take(connection, frame);
      });
      socket.on("error", () => resolve(undefined));
      socket.on("close", () => {
        this.#leave(connection);
        for (const answer of connection.open.values()) answer(lost);
        resolve(undefined);
      });
    });
  }

  async #takeUp(connection: Connection): Promise<boolean> {
    const args = { openId: this.#openId, name: "raw worker", ttlMs: 10_000 };
    const opened = await request(connection, { id: this.#nextId(), command: "session.open", args });
    if (!isFields(opened["result"])) return false;
    let cursor: unknown = null;
    do {
      const page = { id: this.#nextId(), command: "session.sync", args: cursorArgs(cursor) };
      const { result } = await request(connection, page);
      if (!isFields(result)) return false;
      for (const ending of fieldsIn(result["endings"])) this.#end(ending);
      cursor = result["next"];
    } while (cursor !== null);
    return true;
  }

  #take(connection: Connection, frame: Fields): void {
    for (const answer of fieldsIn(frame["answers"])) {
      const id = Number(answer["id"]);
      connection.open.get(id)?.(answer);
      connection.open.delete(id);
    }
    for (const push of fieldsIn(frame["pushes"])) {
      this.pushes.push(push);
      if (push["kind"] === "waitEnded") this.#end(push);
    }
  }

  #end({ seq, ending }: Fields): void {
    if (!isFields(ending)) throw new Error("a wait ends in some way");
    this.#endings.set(Number(seq), ending);
    this.#waiting.get(Number(seq))?.(ending);
    this.#waiting.delete(Number(seq));
  }
}

/** The connection is gone: nobody knows. */
const lost: Fields = { error: { code: "indeterminate" } };

function request({ socket, open }: Connection, asked: Fields & { id: number }): Promise<Fields> {
  if (socket.readyState !== WebSocket.OPEN) return Promise.resolve(lost);
  return new Promise((resolve) => {
    open.set(asked.id, resolve);
    socket.send(JSON.stringify({ kind: "requests", floor: 1, requests: [asked] }));
  });
}

function cursorArgs(cursor: unknown): object {
  return cursor === null ? {} : { cursor };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsIn(list: unknown): readonly Fields[] {
  return Array.isArray(list) ? list.filter(isFields) : [];
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}
