// list-views.ts — the views that lists of more than one page stand in (SEMANTICS §3), so that all pages of one are
// at one revision. They are this node's own and of this run of it, few, short-lived and bounded in bytes: a
// cursor of one that is gone is answered as lost, never from the state as it is now.
import {
  type ListRead,
  type ListView,
  readViewCursor,
  type ViewPlace,
  writeViewCursor,
} from "@rogerd/global-state";
import type { Timer } from "@rogerd/raft";
import type { Bounds } from "../listener/bounds.ts";
import type { CurrentState, OuterPlatform, ReadAnswer } from "./surroundings.ts";

export interface ListViewsParts {
  readonly platform: Pick<OuterPlatform, "setTimer">;
  readonly state: CurrentState;
  /** Names this node and this run of it; no other run of any node has that name. */
  readonly run: string;
  readonly bounds: Pick<Bounds, "listViewsMax" | "listViewMs" | "listViewsBytesMax">;
}

interface Kept {
  readonly view: ListView;
  readonly timer: Timer;
}

export class ListViews {
  readonly #parts: ListViewsParts;
  /** By number; who was used last is last. */
  readonly #kept = new Map<number, Kept>();
  #opened = 0;
  #heldBytes = 0;

  constructor(parts: ListViewsParts) {
    this.#parts = parts;
  }

  /** How many are open, and what they copied. */
  get standing(): { readonly views: number; readonly heldBytes: number } {
    return { views: this.#kept.size, heldBytes: this.#heldBytes };
  }

  /** `lost`: the list must be begun again. */
  read(read: ListRead): ReadAnswer | "lost" {
    const { cursor } = read.args;
    return cursor === undefined ? this.#firstPage(read) : this.#furtherPage(read, cursor);
  }

  stop(): void {
    for (const { view } of [...this.#kept.values()]) view.close();
  }

  /** The view is opened before anything else is applied, so it begins where the page ends. */
  #firstPage(read: ListRead): ReadAnswer {
    const answer = this.#parts.state.current.read(read);
    if ("refusal" in answer || answer.result.status !== "list") return answer;
    const { next } = answer.result;
    if (next === null) return answer;
    const view = this.#open(read, next);
    const cursor = this.#cursorOf(view, next);
    return { revision: answer.revision, result: { ...answer.result, next: cursor } };
  }

  #furtherPage(read: ListRead, cursor: string): ReadAnswer | "lost" {
    const at = readViewCursor(cursor);
    const kept = at === undefined ? undefined : this.#find(at);
    if (at === undefined || kept === undefined) return "lost";
    const { view } = kept;
    const { revision } = view;
    if (!view.isOf(read)) return { revision, refusal: ofAnotherList };
    const page = view.page({ limit: read.args.limit, cursor: at.place });
    if (page === undefined) return "lost";
    if (page.next === null) {
      view.close();
      return { revision, result: page };
    }
    this.#kept.delete(at.view);
    this.#kept.set(at.view, kept);
    return { revision, result: { ...page, next: this.#cursorOf(at.view, page.next) } };
  }

  #find({ of, view }: ViewPlace): Kept | undefined {
    return of === this.#parts.run ? this.#kept.get(view) : undefined;
  }

  #open(read: ListRead, next: string): number {
    const { state, platform, bounds } = this.#parts;
    this.#opened += 1;
    const number = this.#opened;
    if (this.#kept.size >= bounds.listViewsMax) this.#leastUsed()?.close();
    const view = state.current.openView(read, {
      next,
      owner: {
        held: (bytes) => this.#held(bytes),
        closed: () => this.#closed(number),
      },
    });
    const timer = platform.setTimer(bounds.listViewMs, () => view.close());
    this.#kept.set(number, { view, timer });
    return number;
  }

  #cursorOf(view: number, place: string): string {
    return writeViewCursor({ of: this.#parts.run, view, place });
  }

  #closed(number: number): void {
    this.#kept.get(number)?.timer.cancel();
    this.#kept.delete(number);
  }

  /** In the middle of an entry, often. The one that costs most goes: so the fewest lists begin again. */
  #held(bytes: number): void {
    this.#heldBytes += bytes;
    while (this.#heldBytes > this.#parts.bounds.listViewsBytesMax) {
      const views = [...this.#kept.values()].map(({ view }) => view);
      const heaviest = views.reduce((one, other) =>
        other.heldBytes > one.heldBytes ? other : one,
      );
      heaviest.close();
    }
  }

  #leastUsed(): ListView | undefined {
    const [kept] = this.#kept.values();
    return kept?.view;
  }
}

const ofAnotherList = {
  code: "invalid_argument",
  path: "args.cursor",
  reason: "is of another list: its pages have the same kind, partition and prefix",
} as const;
