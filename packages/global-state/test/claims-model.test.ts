// A naive second implementation of owned queue keys, beside Roger's forms over the same table
// (SEMANTICS §1, §3): a map, and every time compared with every entry.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { key, type PartitionWrite, partitionId } from "../src/index.ts";
import { claiming } from "./script-of-claims.ts";
import { aPartitionOfLevelTwo, reads, type World } from "./world.ts";

interface Known {
  owner: string | null;
  endsAt: number;
  /** How long it lasts once it is confirmed; undefined: it is confirmed. */
  unconfirmedTtlMs: number | undefined;
}

const lasting = Number.POSITIVE_INFINITY;

class Model {
  readonly keys = new Map<string, Known>();
  readonly cancelled = new Set<string>();

  /** What the entry answers, and from which of the two it came. */
  ask(write: PartitionWrite, now: number): string {
    for (const [name, { endsAt }] of this.keys) if (endsAt <= now) this.keys.delete(name);
    switch (write.name) {
      case "roger.isQueued":
        if (this.keys.has(write.args.key)) return "true";
        this.keys.set(write.args.key, {
          owner: null,
          endsAt: lasting,
          unconfirmedTtlMs: undefined,
        });
        return "false";
      case "roger.removeQueued":
        this.keys.delete(write.args.key);
        return "ok";
      case "queueKey.claim":
        return this.#claim(write.args, now);
      case "queueKey.confirm":
      case "queueKey.extend":
      case "queueKey.release":
        return this.#byOwner(write, now);
      default:
        throw new Error(`not in this model: ${write.name}`);
    }
  }

  #claim(args: Extract<PartitionWrite, { name: "queueKey.claim" }>["args"], now: number): string {
    const { key: name, owner, onConflict } = args;
    const [ttlMs, provisionalMs] = [args.ttlMs ?? lasting, args.provisionalMs];
    const fresh: Known = {
      owner,
      endsAt: now + (provisionalMs ?? ttlMs),
      unconfirmedTtlMs: provisionalMs === undefined ? undefined : ttlMs,
    };
    const known = this.keys.get(name);
    if (known === undefined) {
      this.keys.set(name, fresh);
      return "claimed";
    }
    if (known.owner === owner) {
      const isConfirmed = known.unconfirmedTtlMs === undefined;
      known.endsAt = Math.max(known.endsAt, isConfirmed ? now + ttlMs : fresh.endsAt);
      if (known.unconfirmedTtlMs !== undefined) {
        const next = fresh.unconfirmedTtlMs;
        known.unconfirmedTtlMs = next && Math.max(known.unconfirmedTtlMs, next);
      }
      return "claimed";
    }
    if (onConflict === "extend" && known.unconfirmedTtlMs === undefined && known.owner !== null) {
      known.endsAt = Math.max(known.endsAt, now + ttlMs);
    }
    if (onConflict === "reject" || onConflict === "extend") return `duplicate of ${known.owner}`;
    if (onConflict === "replaceAndCancel" && known.owner !== null) this.cancelled.add(known.owner);
    this.keys.set(name, fresh);
    return `replaced ${known.owner}`;
  }

  #byOwner(
    write: Extract<PartitionWrite, { name: `queueKey.${"confirm" | "extend" | "release"}` }>,
    now: number,
  ): string {
    const known = this.keys.get(write.args.key);
    if (known?.owner !== write.args.owner) return `not owner: ${known?.owner ?? null}`;
    if (write.name === "queueKey.release") this.keys.delete(write.args.key);
    if (write.name === "queueKey.extend") {
      known.endsAt = Math.max(known.endsAt, now + write.args.ttlMs);
    }
    if (write.name === "queueKey.confirm" && known.unconfirmedTtlMs !== undefined) {
      known.endsAt = Math.max(known.endsAt, now + known.unconfirmedTtlMs);
      known.unconfirmedTtlMs = undefined;
    }
    return "done";
  }

  all(): readonly unknown[] {
    return [...this.keys]
      .map(([name, { owner, unconfirmedTtlMs }]) => `${name} ${owner} ${unconfirmedTtlMs ?? "-"}`)
      .map((text) => text.replace(/\d+$|Infinity$/, "provisional"))
      .sort();
  }
}

function ask(world: World, write: PartitionWrite): string {
  const body = world.write(write);
  if ("code" in body) return body.code;
  switch (body.status) {
    case "member":
      return String(body.before);
    case "duplicate":
      return `duplicate of ${body.owner}`;
    case "replaced":
      return `replaced ${body.previous.owner}`;
    case "not_owner":
      return `not owner: ${body.claim?.owner ?? null}`;
    default:
      return body.status;
  }
}

function all(world: World): readonly unknown[] {
  const answer = world.read(reads.list("queueKeys"));
  if (!("items" in answer)) throw new Error("a list");
  return answer.items
    .map((item) => {
      if (!("since" in item && "key" in item && "owner" in item)) throw new Error("a queue key");
      const isProvisional = item.owner !== null && item.provisional;
      return `${item.key} ${item.owner} ${isProvisional ? "provisional" : "-"}`;
    })
    .sort();
}

const partition = fc.constant(partitionId("acme"));
const keys = fc.nat(7).map((at) => key(`key-${at}`));
const rogers: fc.Arbitrary<PartitionWrite> = fc.oneof(
  fc
    .tuple(partition, keys)
    .map(
      ([id, wanted]) =>
        ({ name: "roger.isQueued", partition: id, args: { key: wanted, add: true } }) as const,
    ),
  fc
    .tuple(partition, keys)
    .map(
      ([id, wanted]) =>
        ({ name: "roger.removeQueued", partition: id, args: { key: wanted } }) as const,
    ),
);

const asked = fc.record({
  write: fc.oneof({ weight: 6, arbitrary: claiming(partition) }, { weight: 1, arbitrary: rogers }),
  waitMs: fc.oneof(fc.constant(0), fc.nat(1_500), fc.constant(10_000)),
});

test("owned queue keys and Roger's forms over one table answer as the model does (property)", () => {
  fc.assert(
    fc.property(fc.array(asked, { minLength: 50, maxLength: 200, size: "max" }), (script) => {
      const world = aPartitionOfLevelTwo();
      const model = new Model();
      for (const { write, waitMs } of script) {
        world.wait(waitMs);
        expect(ask(world, write)).toBe(model.ask(write, world.logTime));
        expect(all(world)).toEqual(model.all());
      }
      for (const job of model.cancelled) {
        expect(world.read(reads.isCancelled(job))).toMatchObject({ before: true });
      }
    }),
    { numRuns: 60 },
  );
});
