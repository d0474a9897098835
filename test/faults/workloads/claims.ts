// claims.ts — workload: queue keys that jobs claim, in every way to settle a conflict, confirm, extend and release; and
// looks at whose they are. Each answer is determined by the calls of this workload on that key before it, but for
// keys of `brief-…`, which time frees, too. New keys every few seconds.
import type { QueueKeyClaim } from "@rogerd/client";
import { type ClaimsAsks, epochNow } from "../history/calls.ts";
import { Lane, told, type Workload } from "./workload.ts";

const owners = ["o-1", "o-2", "o-3"] as const;
const epochMs = 15_000;
const keysOfAnEpoch = 8;
const briefOfAnEpoch = 3;
/** Longer than a key is in use. */
const lastingMs = 3_600_000;
/** Longer than one can be judged whose time may run out at any moment, and shorter than its key is in use. */
const briefMs = 4_000;
const briefEpochMs = 6_000;

class ClaimLane extends Lane {
  protected override readonly partitionName = "claims";
  protected override readonly thinkMs = 25;

  protected override async step(): Promise<void> {
    const { dice } = this.parts;
    const isBrief = dice.chance(0.15);
    const key = isBrief
      ? `brief-${epochNow(briefEpochMs)}-${dice.below(briefOfAnEpoch)}`
      : `q-${epochNow(epochMs)}-${dice.below(keysOfAnEpoch)}`;
    const lastsMs = isBrief ? briefMs : lastingMs;
    const owner = dice.pick(owners);
    switch (dice.below(8)) {
      case 0:
      case 1:
      case 2:
        return this.#claims(key, { owner, ...this.#drawTerms(lastsMs) });
      case 3:
      case 4:
        return this.#asks(key, { form: "release", owner }, () =>
          this.partition.releaseQueueKey(key, { owner }),
        );
      case 5:
        return this.#asks(key, { form: "confirm", owner }, () =>
          this.partition.confirmQueueKey(key, { owner }),
        );
      case 6:
        return this.#asks(key, { form: "extend", owner, ttlMs: lastsMs }, () =>
          this.partition.extendQueueKey(key, { owner, ttlMs: lastsMs }),
        );
      default:
        return this.#looks(key);
    }
  }

  #drawTerms(lastsMs: number): Omit<QueueKeyClaim, "owner"> {
    const { dice } = this.parts;
    const onConflict = dice.pick([
      "reject",
      "reject",
      "replace",
      "replaceAndCancel",
      "extend",
    ] as const);
    const isProvisional = dice.chance(0.3);
    return {
      onConflict,
      ttlMs: lastsMs,
      ...(isProvisional ? { provisionalMs: lastsMs } : {}),
    };
  }

  #claims(key: string, claim: QueueKeyClaim): Promise<void> {
    return this.#asks(key, { form: "claim", ...claim }, () =>
      this.partition.claimQueueKey(key, claim),
    );
  }

  /** No name of a key begins with that of another one. */
  #looks(key: string): Promise<void> {
    return this.#asks(key, { form: "look" }, async () => {
      const { items, revision } = await this.partition.list("queueKeys", { prefix: key });
      const [item] = items;
      return { owner: null, ...item, revision };
    });
  }

  async #asks(key: string, asks: ClaimsAsks, ask: () => Promise<object>): Promise<void> {
    const call = { workload: "claims", object: `queueKey ${key}`, asks } as const;
    await this.parts.teller.call(call, ask, told);
  }
}

export const claimsWorkload: Workload = { name: "claims", lanes: [ClaimLane, ClaimLane] };
