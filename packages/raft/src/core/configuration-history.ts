// configuration-history.ts — which configuration is in force (§4.1): the latest one *appended*, committed
// or not. It is a stack beside the log: truncating the log takes configurations back with it (M3,
// and the tombstones in them), compacting it forgets those that can't come back.
// It never decides about a change; it says what the log says.
import { assert } from "./assert.ts";
import { type Configuration, checkConfiguration } from "./configuration.ts";
import type { Entry } from "./entry.ts";
import type { LogIndex } from "./ids.ts";

interface Appended {
  /** From this index on. */
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

export class ConfigurationHistory {
  /** Oldest first; never empty: the bottom is what a snapshot says, or the empty configuration. */
  #stack: Appended[];

  constructor(bottom: Appended) {
    this.#stack = [bottom];
  }

  get inForce(): Configuration {
    return this.#top.configuration;
  }

  /** Where the configuration in force was appended. */
  get inForceSince(): LogIndex {
    return this.#top.index;
  }

  /** The configuration as of `index`. */
  asOf(index: LogIndex): Configuration {
    const appended = this.#stack.findLast((candidate) => candidate.index <= index);
    assert(appended !== undefined, "configurations before the snapshot are not asked for");
    return appended.configuration;
  }

  /** The configuration as of `index`, and those appended after it: which of them is committed may be open. */
  since(index: LogIndex): readonly Configuration[] {
    const first = this.#stack.findLastIndex((appended) => appended.index <= index);
    assert(first !== -1, "configurations before the snapshot are not asked for");
    return this.#stack.slice(first).map(({ configuration }) => configuration);
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind !== "configuration") continue;
      assert(entry.index > this.#top.index, "configurations follow the log");
      checkConfiguration(entry.configuration);
      this.#stack.push({ index: entry.index, configuration: entry.configuration });
    }
  }

  truncate(from: LogIndex): void {
    this.#stack = this.#stack.filter((appended) => appended.index < from);
    assert(this.#stack.length > 0, "what a snapshot says is never taken back");
  }

  /** Nothing before `index` will be asked for: the one in force there becomes the bottom. */
  forget(before: LogIndex): void {
    const bottom = this.#stack.findLastIndex((appended) => appended.index <= before);
    if (bottom > 0) this.#stack = this.#stack.slice(bottom);
  }

  /** A snapshot says what was in force at its index; what was appended after it stays (M2). */
  restart(bottom: Appended): void {
    this.#stack = [bottom, ...this.#stack.filter((appended) => appended.index > bottom.index)];
  }

  /** The whole check, for tests and simulation: the stack says what these entries of the log say. */
  check(entries: readonly Entry[]): void {
    const bottom = this.#stack[0];
    const inLog = entries.filter(
      (entry) => entry.kind === "configuration" && entry.index > (bottom?.index ?? 0),
    );
    assert(inLog.length === this.#stack.length - 1, "every configuration of the log is known");
    assert(
      inLog.every((entry, place) => entry.index === this.#stack[place + 1]?.index),
      "configurations are in force from where they were appended",
    );
  }

  get #top(): Appended {
    const top = this.#stack.at(-1);
    assert(top !== undefined, "there is always a configuration in force");
    return top;
  }
}
