// outbox.ts — what waits to be sent on one connection: the answers of a turn leave as one frame, and so do
// pushes, in the order in which they came. A reader
// that does not keep up is told and cut; nothing here waits for it, and nothing grows without bound.
import {
  type Answer,
  type DaemonFrame,
  encodeFrame,
  errorObject,
  type Push,
  type Subprotocol,
  type Synced,
} from "@rogerd/protocol";
import type { Socket } from "../network.ts";
import type { Bounds } from "./bounds.ts";
import type { FlushTurn } from "./flush-turn.ts";

export interface OutboxParts {
  readonly socket: Socket;
  readonly subprotocol: Subprotocol;
  readonly bounds: Pick<Bounds, "frameBytesMax" | "outboxBytesMax">;
  readonly turn: FlushTurn;
  /** More waits for this reader than it may leave waiting. Called once. */
  readonly overflowed: () => void;
  /** All answers of a turn were handed to the socket. */
  readonly flushed: () => void;
}

/** Roughly the bytes of an answer without a list, and of one item of a list. */
const answerBytes = 64;
const itemBytes = 256;
/** Of one with four names, as long as they may be: a frame of pushes is never too large. */
const pushBytes = 4_608;
/** Long lists leave at once, so that a turn of them never becomes one huge frame. */
const flushAtBytes = 256 * 1024;

export class Outbox {
  readonly #parts: OutboxParts;
  #answers: Answer[] = [];
  #pushes: Push[] = [];
  /** Whose pushes wait. */
  #session = 0;
  #isWaiting = false;
  #bytesGuessed = 0;
  #isClosed = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#answers.length === 0 && this.#pushes.length === 0;
  }

  answer(answer: Answer): void {
    if (this.#isClosed) return;
    this.#sendPushes();
    this.#answers.push(answer);
    this.#wait(guessBytes(answer));
  }

  /** Behind the answers that wait, that of the session's sync among them. */
  push(push: Push, session: number): void {
    if (this.#isClosed) return;
    this.#sendAnswers();
    if (session !== this.#session) this.#sendPushes();
    this.#session = session;
    this.#pushes.push(push);
    this.#wait(pushBytes);
  }

  #wait(bytes: number): void {
    if (!this.#isWaiting) this.#parts.turn.add(this);
    this.#isWaiting = true;
    this.#bytesGuessed += bytes;
    if (this.#bytesGuessed >= flushAtBytes) this.#sendAll();
  }

  /** Behind the answers that wait: frames leave in the order in which things happened. */
  send(frame: DaemonFrame): void {
    this.#sendAll();
    this.#sendBytes(encodeFrame(this.#parts.subprotocol, frame));
  }

  /** The same bytes may go to many. */
  sendEncoded(bytes: Uint8Array | string): void {
    this.#sendAll();
    this.#sendBytes(bytes);
  }

  flush(): void {
    this.#isWaiting = false;
    this.#sendAll();
    if (!this.#isClosed) this.#parts.flushed();
  }

  /** Nothing leaves any more. */
  close(): void {
    this.#isClosed = true;
    this.#answers = [];
    this.#pushes = [];
  }

  /** Only one of the two waits at a time. */
  #sendAll(): void {
    this.#sendAnswers();
    this.#sendPushes();
  }

  #sendPushes(): void {
    const pushes = this.#pushes;
    if (pushes.length === 0) return;
    this.#pushes = [];
    this.#bytesGuessed = 0;
    const frame: DaemonFrame = { kind: "pushes", session: this.#session, pushes };
    this.#sendBytes(encodeFrame(this.#parts.subprotocol, frame));
  }

  #sendAnswers(): void {
    const answers = this.#answers;
    if (answers.length === 0) return;
    this.#answers = [];
    this.#bytesGuessed = 0;
    this.#sendWithinFrame(answers);
  }

  /** No frame is larger than a client takes: too many answers are halved, one too large is replaced. */
  #sendWithinFrame(answers: readonly Answer[]): void {
    const { subprotocol, bounds } = this.#parts;
    const bytes = encodeFrame(subprotocol, { kind: "answers", answers });
    const [first] = answers;
    if (bytes.length <= bounds.frameBytesMax || first === undefined) return this.#sendBytes(bytes);
    if (answers.length === 1) return this.#sendWithinFrame([tooLarge(first.id)]);
    const middle = answers.length >> 1;
    this.#sendWithinFrame(answers.slice(0, middle));
    this.#sendWithinFrame(answers.slice(middle));
  }

  #sendBytes(bytes: Uint8Array | string): void {
    if (this.#isClosed) return;
    const { socket, bounds } = this.#parts;
    if (socket.bufferedAmount + bytes.length <= bounds.outboxBytesMax) return socket.send(bytes);
    this.close();
    const error = errorObject("overflow", "this connection does not read its answers");
    socket.send(encodeFrame(this.#parts.subprotocol, { kind: "error", error }));
    this.#parts.overflowed();
  }
}

function guessBytes(answer: Answer): number {
  if ("error" in answer) return answerBytes;
  const { result } = answer;
  if (result.status === "list") return answerBytes + itemBytes * result.items.length;
  if (result.status === "paused") return answerBytes + itemBytes * result.queues.length;
  if (result.status === "synced") return answerBytes + syncedBytes(result);
  if (result.status === "marked") return answerBytes + itemBytes * result.jobs.length;
  return answerBytes;
}

function syncedBytes({ endings, waits, holds, runs }: Synced): number {
  return itemBytes * (endings.length + waits.length + holds.length + runs.length);
}

function tooLarge(id: number): Answer {
  return { id, error: errorObject("payload_too_large", "the answer does not fit into one frame") };
}
