// script-of-claims.ts — random commands about queue keys that jobs own, over few keys and few owners.
import * as fc from "fast-check";
import { jobId, key, type PartitionId, type PartitionWrite } from "../src/index.ts";

export function claiming(partition: fc.Arbitrary<PartitionId>): fc.Arbitrary<PartitionWrite> {
  const named = fc.record({
    key: fc.nat(7).map((at) => key(`key-${at}`)),
    owner: fc.nat(2).map((at) => jobId(`job-${at}`)),
  });
  const shortMs = fc.integer({ min: 1_000, max: 20_000 });
  const claim = fc.record({
    ttlMs: fc.option(shortMs, { nil: undefined }),
    provisionalMs: fc.option(fc.integer({ min: 1_000, max: 5_000 }), { nil: undefined }),
    onConflict: fc.constantFrom("reject", "reject", "replace", "replaceAndCancel", "extend"),
  });
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(partition, named, claim)
        .map(
          ([id, of, how]) =>
            ({ name: "queueKey.claim", partition: id, args: { ...of, ...how } }) as const,
        ),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(partition, named)
        .map(([id, args]) => ({ name: "queueKey.confirm", partition: id, args }) as const),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(partition, named, shortMs)
        .map(
          ([id, of, ttlMs]) =>
            ({ name: "queueKey.extend", partition: id, args: { ...of, ttlMs } }) as const,
        ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(partition, named)
        .map(([id, args]) => ({ name: "queueKey.release", partition: id, args }) as const),
    },
  );
}
