// line.ts — who of this client stands in line, by the ticket that those of one owner share, and whom of them the state
// does not show there any more. How a wait ends is told by holdings.ts.
import type { Pending } from "./acquisition.ts";
import type { SessionView } from "./session-pages.ts";

export class Line {
  readonly #standing = new Map<number, Set<Pending>>();

  enter(ticket: number, acquisition: Pending): void {
    this.#standing.set(ticket, (this.#standing.get(ticket) ?? new Set()).add(acquisition));
  }

  leave(ticket: number, acquisition: Pending): void {
    const others = this.#standing.get(ticket);
    others?.delete(acquisition);
    if (others?.size === 0) this.#standing.delete(ticket);
  }

  under(ticket: number): readonly Pending[] {
    return [...(this.#standing.get(ticket) ?? [])];
  }

  all(): readonly Pending[] {
    return [...this.#standing.values()].flatMap((standing) => [...standing]);
  }

  /** Who stood there before that view, and does not in it. */
  missingIn({ revision, tickets }: SessionView): readonly Pending[] {
    return [...this.#standing]
      .filter(([ticket]) => !tickets.has(ticket))
      .flatMap(([, standing]) => [...standing])
      .filter(({ waitsSince }) => waitsSince.revision <= revision);
  }
}
