// post.ts — messages between the nodes of a story: which links are cut, which classes are held, and who
// gets what next. It delivers nothing by itself.
import type { Message } from "../../packages/raft/src/core/message.ts";
import { type Cluster, nameOf } from "../../packages/raft/test/cluster.ts";
import type { Filter } from "./words.ts";

export type Sent = Cluster["inFlight"][number];

export class Post {
  readonly #cluster: Cluster;
  /** `n1>n2`: what is sent over it is lost. */
  readonly #cut = new Set<string>();
  #holds: Filter[] = [];
  /** These stay on their way until they are delivered by hand. */
  readonly #delayed = new Set<Sent>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  cut(links: readonly (readonly [string, string])[]): void {
    for (const [from, to] of links) this.#cut.add(`${from}>${to}`);
    this.#loseWhatIsCut();
  }

  heal(): boolean {
    const wasCut = this.#cut.size > 0;
    this.#cut.clear();
    return wasCut;
  }

  /** From now on, and what is on its way already. */
  hold(filter: Filter): void {
    this.#holds.push(filter);
  }

  /** It stays on its way until it is delivered by hand. */
  delay(sent: Sent): void {
    this.#delayed.add(sent);
  }

  /** Nothing is held any more. */
  flow(): boolean {
    const wasHeld = this.isHolding || this.#delayed.size > 0;
    this.#holds = [];
    this.#delayed.clear();
    return wasHeld;
  }

  get isHolding(): boolean {
    return this.#holds.length > 0;
  }

  /** Whether it is told when it leaves: it will not arrive by itself. */
  isHeld(message: Message): boolean {
    const isCut = this.#cut.has(linkOf(message));
    return !isCut && this.#holds.some((hold) => matches(message, hold));
  }

  /** What is on its way and meant by the filter, oldest first. */
  select(filter: Filter): readonly Sent[] {
    this.#loseWhatIsCut();
    const found = this.#cluster.inFlight.filter(({ message }) => matches(message, filter));
    const { only } = filter;
    if (only === undefined) return found;
    return only.end === "first" ? found.slice(0, only.count) : found.slice(-only.count);
  }

  /** What arrives by itself now. */
  get flowing(): readonly Sent[] {
    this.#loseWhatIsCut();
    return this.#cluster.inFlight.filter(
      (sent) =>
        !this.#delayed.has(sent) &&
        !this.isHeld(sent.message) &&
        !this.#cluster.isFrozen(nameOf(sent.message.to)),
    );
  }

  take(chosen: readonly Sent[]): void {
    this.#cluster.inFlight = this.#cluster.inFlight.filter((sent) => !chosen.includes(sent));
    for (const sent of chosen) this.#delayed.delete(sent);
  }

  /** It is on its way twice; the copy stays until it is delivered by hand. */
  repeat(sent: Sent): void {
    const copy = { ...sent };
    this.#cluster.inFlight.push(copy);
    this.#delayed.add(copy);
  }

  #loseWhatIsCut(): void {
    const { inFlight } = this.#cluster;
    this.#cluster.inFlight = inFlight.filter(({ message }) => !this.#cut.has(linkOf(message)));
  }
}

export const linkOf = ({ from, to }: Message): string => `${nameOf(from)}>${nameOf(to)}`;

function matches(message: Message, { from, kinds, to }: Filter): boolean {
  return (
    (kinds.size === 0 || kinds.has(message.kind)) &&
    (from === undefined || nameOf(message.from) === from) &&
    (to === undefined || nameOf(message.to) === to)
  );
}
