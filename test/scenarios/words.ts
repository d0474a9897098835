// words.ts — one command of a story as words, taken one after the other. What is missing, unknown or left
// over is told with the file and the line in which it stands.
import type { Message } from "../../packages/raft/src/core/message.ts";

export interface Place {
  readonly file: string;
  readonly line: number;
}

/** The story is wrong, not the system. */
export class StoryError extends Error {
  constructor(place: Place, says: string) {
    super(`${place.file}:${place.line}: ${says}`);
  }
}

/** A class of messages; what is left out matches everything. */
export interface Filter {
  readonly kinds: ReadonlySet<string>;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Of those that match: so many of the oldest or the newest. */
  readonly only: { readonly end: "first" | "last"; readonly count: number } | undefined;
}

const messageKinds: Readonly<Record<Message["kind"], true>> = {
  "append-accepted": true,
  "append-entries": true,
  "append-rejected": true,
  heartbeat: true,
  "heartbeat-reply": true,
  "install-snapshot": true,
  "pre-vote-reply": true,
  "request-pre-vote": true,
  "request-vote": true,
  "snapshot-progress": true,
  "timeout-now": true,
  "vote-granted": true,
  "vote-refused": true,
};

const isName = (word: string): boolean => /^n[1-9]$/.test(word);

export class Words {
  readonly place: Place;
  /** The nodes of the story, as its `cluster` named them. */
  readonly #names: Set<string>;
  readonly #words: string[];

  constructor(place: Place, parts: { readonly command: string; readonly names: Set<string> }) {
    this.place = place;
    this.#names = parts.names;
    this.#words = [...parts.command.matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, bare]) => quoted ?? bare ?? "",
    );
  }

  fail(says: string): never {
    throw new StoryError(this.place, says);
  }

  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  next(what: string): string {
    const word = this.#words.shift();
    return word ?? this.fail(`${what} is missing`);
  }

  /** Takes this word if it is the next. */
  took(word: string): boolean {
    if (this.#words[0] !== word) return false;
    this.#words.shift();
    return true;
  }

  rest(what: string): readonly [string, ...string[]] {
    return [this.next(what), ...this.#words.splice(0)];
  }

  count(what: string): number {
    const word = this.next(what);
    if (!/^\d+$/.test(word)) return this.fail(`${what} is a whole number, not ${word}`);
    return Number(word);
  }

  /** Whole numbers, as many as follow. */
  counts(): readonly number[] {
    const taken: number[] = [];
    while (/^\d+$/.test(this.#words[0] ?? "")) taken.push(this.count("a number"));
    return taken;
  }

  /** One of the story's nodes. */
  node(): string {
    const word = this.next("a node");
    if (this.#names.has(word)) return word;
    return this.fail(
      `${word} is no node of this story: ${[...this.#names].join(" ") || "none is"}`,
    );
  }

  nodes(): readonly string[] {
    const taken = [this.node()];
    while (isName(this.#words[0] ?? "")) taken.push(this.node());
    return taken;
  }

  /** Names that become nodes of the story. */
  newNodes(): readonly string[] {
    const taken: string[] = [];
    while (isName(this.#words[0] ?? "")) taken.push(this.next("a node"));
    for (const name of taken) this.#names.add(name);
    return taken;
  }

  /** `append-entries n1>n2 first 2`; `from n1`; `to n2`; or nothing, which is everything. */
  filter(): Filter {
    const kinds = new Set<string>();
    let from: string | undefined;
    let to: string | undefined;
    let only: Filter["only"];
    for (let word = this.#words[0]; word !== undefined; word = this.#words[0]) {
      const link = /^(n[1-9])>(n[1-9])$/.exec(word);
      if (Object.hasOwn(messageKinds, word)) kinds.add(this.next("a kind"));
      else if (link !== null) [from, to] = this.#link();
      else if (this.took("from")) from = this.node();
      else if (this.took("to")) to = this.node();
      else if (this.took("first")) only = { end: "first", count: this.counts()[0] ?? 1 };
      else if (this.took("last")) only = { end: "last", count: this.counts()[0] ?? 1 };
      else break;
    }
    return { kinds, from, to, only };
  }

  /** `n1>n2`: one direction; `n1 n2`: both. */
  links(): readonly (readonly [string, string])[] {
    if (this.#words[0]?.includes(">") === true) return [this.#link()];
    const [one, other] = [this.node(), this.node()];
    return [
      [one, other],
      [other, one],
    ];
  }

  end(): void {
    if (!this.isEmpty) this.fail(`not understood: ${this.#words.join(" ")}`);
  }

  #link(): [string, string] {
    const word = this.next("a link");
    const [from = "", to = ""] = word.split(">");
    for (const name of [from, to]) {
      if (!this.#names.has(name)) this.fail(`${name || word} is no node of this story`);
    }
    return [from, to];
  }
}
