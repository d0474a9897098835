// workload.ts — what a worker does on and on, in lanes beside each other: one thing after the other until all is over,
// each between its lines of history. What that is stands in a file of its own for each workload.
import {
  type HeldKey,
  type Partition,
  type RogerdClient,
  RogerdError,
  type Run,
} from "@rogerd/client";
import type { Dice } from "../../simulation/dice.ts";
import type { WorkloadName } from "../history/history-line.ts";
import { gaveUp, type Teller } from "./teller.ts";

export interface LaneParts {
  /** Unique among all lanes of all workers; that of its worker stands before it. */
  readonly who: string;
  readonly worker: string;
  readonly client: RogerdClient;
  readonly teller: Teller;
  readonly dice: Dice;
  /** Where the resource outside takes writes. */
  readonly resource: string;
  readonly isOver: () => boolean;
}

export interface Workload {
  readonly name: WorkloadName;
  readonly lanes: readonly (new (parts: LaneParts) => Lane)[];
}

/** So often somebody who works looks up. */
const lookMs = 25;

export abstract class Lane {
  protected readonly parts: LaneParts;
  /** Which it works in; started before its first step. */
  protected abstract readonly partitionName: string;
  /** Between two steps, on average. */
  protected abstract readonly thinkMs: number;

  constructor(parts: LaneParts) {
    this.parts = parts;
  }

  /** One thing, to its end. */
  protected abstract step(): Promise<void>;

  async run(): Promise<void> {
    await this.starts(this.partitionName);
    while (!this.parts.isOver()) {
      await this.works(this.thinkMs);
      if (!this.parts.isOver()) await this.step();
    }
  }

  protected get partition(): Partition {
    return this.parts.client.partition(this.partitionName);
  }

  /** Idempotent, and so no part of the history; again and again until it is answered. */
  protected async starts(partition: string): Promise<void> {
    while (!this.parts.isOver()) {
      try {
        await this.parts.client.partition(partition).start();
        return;
      } catch (error) {
        if (!(error instanceof RogerdError)) throw error;
        await this.wait(100);
      }
    }
  }

  protected wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** About so long, and no longer than all goes on, or than it is asked to. */
  protected async works(meanMs: number, signal?: AbortSignal): Promise<void> {
    for (let leftMs = this.parts.dice.around(meanMs); leftMs > 0; leftMs -= lookMs) {
      if (this.parts.isOver() || signal?.aborted === true) return;
      await this.wait(Math.min(leftMs, lookMs));
    }
  }

  /** Now and then its user gives a wish up, early. */
  protected drawPatience(): AbortSignal {
    const giveUp = new AbortController();
    const { dice } = this.parts;
    if (dice.chance(0.15)) setTimeout(() => giveUp.abort(gaveUp), dice.around(100));
    return giveUp.signal;
  }

  /** Asked again and again, until it is answered or lost: an application does not leave it to its client. */
  protected async insists<Answer>(
    isLost: () => boolean,
    ask: () => Promise<Answer | undefined>,
  ): Promise<void> {
    while (!isLost()) {
      if ((await ask()) !== undefined || this.parts.isOver()) return;
      await this.wait(50);
    }
  }
}

/** For answers that carry their revision, beside which all else of them is the answer; of a grant, its token. */
export function told(answer: object): { readonly answer: unknown; readonly revision?: number } {
  const { revision, ...rest } = answer as { readonly revision?: number };
  const plain = isGrant(answer) ? { status: answer.status, token: answer.token } : rest;
  return { answer: plain, ...(revision === undefined ? {} : { revision }) };
}

/** What is held has more to it than it tells. */
function isGrant(answer: object): answer is HeldKey | Run {
  return "token" in answer && "signal" in answer;
}
