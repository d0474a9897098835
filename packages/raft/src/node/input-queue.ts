// input-queue.ts — what has happened and was not yet given to the core, in the order of arrival.
// Bounded where others decide how much comes: a message that finds it full is dropped, which Raft
// allows (V12). Completions of our own work are bounded by that work and never refused.
import { entryBytes } from "../core/entry.ts";
import type { Input } from "../core/input.ts";
import type { Message } from "../core/message.ts";

export interface InputQueueLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
}

export type MessageInput = Extract<Input, { readonly kind: "message" }>;

export class InputQueue {
  readonly #limits: InputQueueLimits;
  #inputs: Input[] = [];
  #messages = 0;
  #bytes = 0;

  constructor(limits: InputQueueLimits) {
    this.#limits = limits;
  }

  offer(input: MessageInput): "taken" | "full" {
    const bytes = messageBytes(input.message);
    if (this.#messages >= this.#limits.messagesMax) return "full";
    if (this.#bytes + bytes > this.#limits.bytesMax && this.#messages > 0) return "full";
    this.#messages += 1;
    this.#bytes += bytes;
    this.#inputs.push(input);
    return "taken";
  }

  /** An answer to something that we asked for, or a fact that can't be lost. */
  add(input: Exclude<Input, { readonly kind: "message" }>): void {
    this.#inputs.push(input);
  }

  get isEmpty(): boolean {
    return this.#inputs.length === 0;
  }

  /** Everything so far; what is added while the caller works through it waits for the next turn. */
  drain(): readonly Input[] {
    const inputs = this.#inputs;
    this.#inputs = [];
    this.#messages = 0;
    this.#bytes = 0;
    return inputs;
  }
}

/** What a message weighs here: only the bulky ones count by their bytes. */
function messageBytes(message: Message): number {
  if (message.kind === "install-snapshot") return message.bytes.byteLength;
  if (message.kind !== "append-entries") return 0;
  let bytes = 0;
  for (const entry of message.entries) bytes += entryBytes(entry);
  return bytes;
}
