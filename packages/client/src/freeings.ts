// freeings.ts — what gives back what is held in a name: one call after the other, each before whoever asks for the
// same next, and heard to its end, however long its user waits for it. Left alone, it would stay held; executed late,
// what was granted since would be freed. What is held is holdings.ts.
import type { Freeing } from "./acquisition.ts";
import type { CallSpec } from "./call.ts";
import { timeoutMsMax } from "./deadlines.ts";

/** Nobody gives it up: who frees something does not want it. */
export function heardToItsEnd({ command, partition, args }: Freeing): CallSpec {
  const timeoutMs = timeoutMsMax;
  return { kind: "write", command, partition, args, timeoutMs, signal: undefined };
}

export class Freeings {
  /** Of each name the last one that is not answered yet. */
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves once nothing frees what is held in the name, however that went; undefined: nothing does. */
  under(name: string): Promise<void> | undefined {
    return this.#last.get(name);
  }

  has(name: string): boolean {
    return this.#last.has(name);
  }

  /** Sends behind what frees in this name already, and in the names that are to be free for it, too. */
  begin<Freed>(
    { name, others = [] }: { readonly name: string; readonly others?: readonly string[] },
    send: () => Promise<Freed>,
  ): Promise<Freed> {
    const before = [name, ...others].flatMap((each) => this.#last.get(each) ?? []);
    const freed = before.length === 0 ? send() : Promise.all(before).then(send);
    const settled = freed.then(nothing, nothing);
    this.#last.set(name, settled);
    void settled.then(() => {
      if (this.#last.get(name) === settled) this.#last.delete(name);
    });
    return freed;
  }
}

/** How it went is for who called. */
function nothing(): void {}
