// shown-reads.ts — what each read was answered, by the revision that it was answered at: at the end the
// fold of the log must say the same at that revision (I8), however old the node was that answered.
import type { Question, Reply } from "@rogerd/client";

export interface ShownRead {
  readonly client: string;
  readonly question: Question;
  readonly result: Reply["result"];
}

export class ShownReads {
  readonly #at = new Map<number, ShownRead[]>();

  add(client: string, question: Question, { result, revision }: Reply): void {
    const others = this.#at.get(revision) ?? [];
    others.push({ client, question, result });
    this.#at.set(revision, others);
  }

  at(revision: number): readonly ShownRead[] {
    return this.#at.get(revision) ?? [];
  }
}
