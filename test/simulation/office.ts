// office.ts — one leader in one term, as far as its messages have shown it: by whom it was elected, what
// its log holds, who has acknowledged what, how far it has told that its log is committed.
import type { LogTree, Place } from "./log-tree.ts";

export interface OfficeParts {
  readonly leader: string;
  readonly term: number;
  readonly tree: LogTree;
  /** Whose votes had left when it first spoke as leader. */
  readonly votes: ReadonlySet<string>;
  /** Where its log ended when it asked for them, if it had to ask anybody. */
  readonly candidateAt: Place | undefined;
}

/** A commit that no configuration explains which its leader has shown. */
export interface Claim {
  readonly index: number;
  /** On whose disks it was when the leader told. */
  readonly holders: ReadonlySet<string>;
  /** Where the leader's log ended then. */
  readonly through: number;
}

export class Office {
  readonly leader: string;
  readonly term: number;
  readonly votes: ReadonlySet<string>;
  readonly #tree: LogTree;
  #electedAt: Place | undefined;
  readonly #terms = new Map<number, number>();
  readonly accepted = new Map<string, number>();
  commitIndex = 0;
  claims: Claim[] = [];
  #last: Place | undefined;
  #firstOfTerm: number | undefined;
  isElectionJudged = false;

  constructor(parts: OfficeParts) {
    this.leader = parts.leader;
    this.term = parts.term;
    this.votes = parts.votes;
    this.#tree = parts.tree;
    this.#electedAt = parts.candidateAt;
  }

  termAt(index: number): number | undefined {
    return this.#terms.get(index);
  }

  /** As far as was shown. */
  get last(): Place | undefined {
    return this.#last;
  }

  /** Its first own entry: it appends one as soon as it leads (§6.4). */
  get firstOfTerm(): number | undefined {
    return this.#firstOfTerm;
  }

  /** Where its log ended when it was elected; undefined: not shown yet. */
  get electedAt(): Place | undefined {
    const { term } = this;
    const first = this.#firstOfTerm;
    if (first === undefined) return this.#electedAt;
    this.#electedAt ??= this.#tree.before({ index: first, term });
    return this.#electedAt;
  }

  /** Its log holds this, and so all before it. Gives what is new, or the place that was another (V2). */
  holds(place: Place): { readonly news: readonly Place[]; readonly replaced: Place | undefined } {
    const news: Place[] = [];
    for (let at: Place | undefined = place; at !== undefined && at.index > 0; ) {
      const { index, term } = at;
      const known = this.#terms.get(index);
      if (known === term) break;
      if (known !== undefined) return { news, replaced: { index, term: known } };
      this.#terms.set(index, term);
      if (term === this.term) this.#firstOfTerm = Math.min(this.#firstOfTerm ?? index, index);
      news.push({ index, term });
      at = this.#tree.before(at);
    }
    if (place.index > (this.#last?.index ?? 0)) this.#last = place;
    return { news, replaced: undefined };
  }

  /** Those made with a log of which everything has been shown by now. */
  takeShownClaims(): readonly Claim[] {
    if (this.claims.length === 0) return [];
    const isShown = ({ through }: Claim): boolean => through <= (this.#last?.index ?? 0);
    const shown = this.claims.filter(isShown);
    this.claims = this.claims.filter((claim) => !isShown(claim));
    return shown;
  }
}
