import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Configuration, EMPTY_CONFIGURATION } from "./configuration.ts";
import { type NodeId, nodeId } from "./ids.ts";
import { agreedValue, hasQuorum, majorityOf } from "./quorum.ts";

const ids: readonly NodeId[] = Array.from({ length: 7 }, (_, place) =>
  nodeId(`${place}`.padStart(32, "0")),
);

const someIds: fc.Arbitrary<NodeId[]> = fc.subarray([...ids], { minLength: 1 });

const configurations: fc.Arbitrary<Configuration> = fc
  .record({ voters: someIds, votersOutgoing: fc.option(someIds, { nil: [] }) })
  .map((halves) => ({ ...EMPTY_CONFIGURATION, ...halves }));

const values: fc.Arbitrary<ReadonlyMap<NodeId, number>> = fc
  .array(fc.nat(5), { minLength: ids.length, maxLength: ids.length })
  .map((drawn) => new Map(ids.map((id, place) => [id, drawn[place] ?? 0])));

/** By trying every value, and counting with the definition. */
function naiveAgreedValue(
  configuration: Configuration,
  valueOf: ReadonlyMap<NodeId, number>,
): number {
  const isAgreed = (voters: readonly NodeId[], value: number): boolean =>
    voters.length === 0 ||
    voters.filter((id) => (valueOf.get(id) ?? 0) >= value).length > voters.length / 2;
  const { voters, votersOutgoing } = configuration;
  const agreed = [0, 1, 2, 3, 4, 5].filter(
    (value) => isAgreed(voters, value) && isAgreed(votersOutgoing, value),
  );
  return Math.max(...agreed);
}

describe("a quorum", () => {
  test("is more than half", () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(majorityOf)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });

  test("agrees on what a majority of each half has reached (R8, R9)", () => {
    fc.assert(
      fc.property(configurations, values, (configuration, drawn) => {
        const agreed = agreedValue(configuration, (id) => drawn.get(id) ?? 0);

        expect(agreed).toBe(naiveAgreedValue(configuration, drawn));
      }),
    );
  });

  test("is a set of voters: nobody else counts, and nobody twice (E6, E9)", () => {
    fc.assert(
      fc.property(configurations, fc.subarray([...ids]), (configuration, granted) => {
        const { voters, votersOutgoing } = configuration;
        const isMajority = (half: readonly NodeId[]): boolean =>
          half.filter((id) => granted.includes(id)).length > half.length / 2;
        const expected =
          isMajority(voters) && (votersOutgoing.length === 0 || isMajority(votersOutgoing));

        expect(hasQuorum(configuration, new Set(granted))).toBe(expected);
      }),
    );
  });

  test("any two quorums of a configuration have a voter in common (V10)", () => {
    fc.assert(
      fc.property(
        configurations,
        fc.subarray([...ids]),
        fc.subarray([...ids]),
        (configuration, one, other) => {
          fc.pre(hasQuorum(configuration, new Set(one)));
          fc.pre(hasQuorum(configuration, new Set(other)));

          expect(one.some((id) => other.includes(id))).toBe(true);
        },
      ),
    );
  });

  test("of nobody is none: without voters nothing is won and nothing agreed (R9)", () => {
    expect(hasQuorum(EMPTY_CONFIGURATION, new Set(ids))).toBe(false);
    expect(() => agreedValue(EMPTY_CONFIGURATION, () => 9)).toThrow("without voters");
  });

  test("puts those who were never heard last, and may agree on never", () => {
    const configuration = { ...EMPTY_CONFIGURATION, voters: ids.slice(0, 3) };
    const heardAt = new Map([[ids[0], 5]]);

    const agreed = agreedValue(configuration, (id) => heardAt.get(id) ?? Number.NEGATIVE_INFINITY);

    expect(agreed).toBe(Number.NEGATIVE_INFINITY);
  });
});
