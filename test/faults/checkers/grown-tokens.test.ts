import { describe, expect, test } from "vitest";
import { checkTokens } from "./grown-tokens.ts";
import { found, held, historyOf, resource, told } from "./hand-made.ts";

const notGrown = ["a token does not grow with the grant (I3)"];

function started(name: string, token: number) {
  return { type: "job.started", partition: "jobs", name, item: { jobId: name, token } };
}

function taken(name: string, ...tokens: readonly number[]) {
  const holders = tokens.map((token) => ({ owner: `o${token}`, token }));
  return { type: "executionKey.taken", partition: "jobs", name, item: { key: name, holders } };
}

describe("tokens", () => {
  test("that grow with the grants are right, whenever their holders learn of them", () => {
    const history = historyOf(
      held(2, { thing: "key k", token: 7, owner: "b", revision: 12 }),
      held(3, { thing: "key k", token: 5, owner: "a", revision: 10 }),
      held(4, { thing: "key k", token: 5, owner: "a", revision: 10 }),
      held(5, { thing: "job j", token: 9, owner: "c", revision: 15 }),
      held(5, { thing: "key run", token: 9, owner: "c", revision: 15 }),
      resource(6, { token: 5, owner: "a" }),
      resource(7, { token: 7, owner: "b" }),
      resource(8, { token: 5, owner: "a", isTaken: false }),
      told(9, [10, 0], taken("k", 5)),
      told(9, [15, 0], taken("run", 9)),
      told(9, [15, 1], started("j", 9)),
      told(9, [15, 2], started("i", 8)),
    );

    const checked = checkTokens(history);

    expect(checked.findings).toEqual([]);
    expect(checked.counts).toEqual({ held: 5, writes: 3, "grants told": 4 });
  });

  test("a later grant with a lower one is found, and with the one of another grant, too", () => {
    const first = held(1, { thing: "key k", token: 7, owner: "a", revision: 10 });
    const lower = held(2, { thing: "key k", token: 6, owner: "b", revision: 11 });
    const same = held(2, { thing: "key k", token: 7, owner: "b", revision: 11 });

    expect(found(checkTokens(historyOf(first, lower)))).toEqual(notGrown);
    expect(found(checkTokens(historyOf(first, same)))).toEqual(["a token has two owners"]);
  });

  test("a holder of what may be taken over may learn of his grant after the next one", () => {
    const late = held(2, { thing: "job taken-1", token: 5, owner: "a", revision: 20 });
    const next = held(1, { thing: "job taken-1", token: 6, owner: "b", revision: 11 });

    expect(found(checkTokens(historyOf(next, late)))).toEqual([]);
  });

  test("a grant of a later revision with a lower token is found, whatever it is of", () => {
    const events = [told(1, [10, 0], started("i", 7)), told(1, [11, 0], started("j", 6))];

    expect(found(checkTokens(historyOf(...events)))).toEqual(notGrown);
    const again = [told(1, [10, 0], taken("k", 7)), told(1, [12, 0], taken("k", 7))];
    expect(found(checkTokens(historyOf(...again)))).toEqual([]);
    const shared = [told(1, [10, 0], taken("some-1", 7, 8)), told(1, [12, 0], taken("some-1", 7))];
    expect(found(checkTokens(historyOf(...shared, told(1, [11, 0], taken("k", 9)))))).toEqual([]);
  });

  test("a resource that takes a lower one than before is found", () => {
    const history = historyOf(resource(1, { token: 7 }), resource(2, { token: 6 }));

    expect(found(checkTokens(history))).toEqual([
      "the resource took a write with a token lower than one before",
    ]);
    const other = resource(2, { token: 6, thing: "key other" });
    expect(found(checkTokens(historyOf(resource(1, { token: 7 }), other)))).toEqual([]);
  });

  test("a write with the token of another owner is found", () => {
    const history = historyOf(
      held(1, { thing: "key k", token: 7, owner: "a" }),
      resource(2, { token: 7, owner: "b", isTaken: false }),
    );

    expect(found(checkTokens(history))).toEqual(["a token has two owners"]);
  });
});
