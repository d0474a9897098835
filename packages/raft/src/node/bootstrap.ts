// bootstrap.ts — the first configuration of a new cluster, and who waits until it is durable
// (DESIGN §4, forming). It never decides whether this node may write one.
import { assert } from "../core/assert.ts";
import type { Configuration } from "../core/configuration.ts";

interface Waiting {
  readonly configuration: Configuration;
  /** The persist after which it is durable; undefined until the core has seen it. */
  sequence: number | undefined;
  readonly resolve: () => void;
  readonly reject: (cause: Error) => void;
}

export class Bootstrap {
  #waiting: Waiting | undefined;

  add(configuration: Configuration): Promise<void> {
    if (this.#waiting !== undefined) {
      return Promise.reject(new Error("a first configuration is being written already"));
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { configuration, sequence: undefined, resolve, reject };
    });
  }

  /** What the core has not seen yet. */
  get wanted(): Configuration | undefined {
    return this.#waiting?.sequence === undefined ? this.#waiting?.configuration : undefined;
  }

  /** The core has made it entry 1: `after` is the persist that carries it, and nothing before it does. */
  stepped(persisted: { readonly before: number; readonly after: number }): void {
    assert(this.#waiting !== undefined, "a first configuration was wanted");
    assert(persisted.after > persisted.before, "a first configuration is persisted");
    this.#waiting.sequence = persisted.after;
  }

  synced(sequence: number): void {
    const waiting = this.#waiting;
    if (waiting?.sequence === undefined || waiting.sequence > sequence) return;
    this.#waiting = undefined;
    waiting.resolve();
  }

  refuse(cause: Error): void {
    this.#waiting?.reject(cause);
    this.#waiting = undefined;
  }
}
