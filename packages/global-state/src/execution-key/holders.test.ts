import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fencingToken, jobId, logTimeMs, sessionId } from "../ids.ts";
import { never } from "../log-time.ts";
import { type Holder, Holders } from "./holders.ts";

type Step =
  | { readonly kind: "add"; readonly owner: number; readonly until: number | undefined }
  | { readonly kind: "remove"; readonly at: number }
  | { readonly kind: "take" };

const step = fc.oneof(
  fc.record({
    kind: fc.constant("add" as const),
    owner: fc.nat(12),
    until: fc.option(fc.nat(50), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("remove" as const), at: fc.nat(60) }),
  fc.record({ kind: fc.constant("take" as const) }),
);

/** Owner 0 is Roger's: nobody. */
function holderOf(token: number, owner: number, until: number | undefined): Holder {
  return {
    owner: owner === 0 ? null : jobId(`job-${owner}`),
    session: owner === 0 ? null : sessionId(1 + (token % 3)),
    token: fencingToken(token),
    sinceWallMs: 0,
    heldUntil: until === undefined ? never : logTimeMs(until),
  };
}

function check(holders: Holders, model: readonly Holder[]): void {
  expect([...holders]).toEqual(model);
  expect([holders.count, holders.first(3)]).toEqual([model.length, model.slice(0, 3)]);
  expect(holders.soonestEnd).toBe(Math.min(never, ...model.map(({ heldUntil }) => heldUntil)));
  for (const owner of [1, 2, 3].map((id) => jobId(`job-${id}`))) {
    expect(holders.ofOwner(owner)).toEqual(model.filter((each) => each.owner === owner));
  }
  for (const { token } of model) expect(holders.withToken(token)?.token).toBe(token);
}

function byToken(holders: readonly Holder[]): readonly Holder[] {
  return holders.toSorted((one, other) => one.token - other.token);
}

function play(steps: readonly Step[]): void {
  const holders = new Holders();
  let [model, taken]: Holder[][] = [[], []];
  let token = 0;
  for (const each of steps) {
    if (each.kind === "add") {
      token += 2;
      const added = holderOf(token, each.owner, each.until);
      holders.add(added);
      model = [...(model ?? []), added];
    } else if (each.kind === "remove") {
      const gone = model?.[each.at % Math.max(1, model.length)];
      if (gone !== undefined) holders.remove(gone);
      model = model?.filter((holder) => holder !== gone);
    } else {
      const change = holders.takeChange();
      const came = model?.filter((holder) => taken?.includes(holder) !== true) ?? [];
      const went = taken?.filter((holder) => model?.includes(holder) !== true) ?? [];
      expect([byToken(change?.came ?? []), byToken(change?.went ?? [])]).toEqual([came, went]);
      expect(change === undefined).toBe(came.length + went.length === 0);
      taken = [...(model ?? [])];
    }
    check(holders, model ?? []);
  }
  expect(holders.withToken(token + 1)).toBeUndefined();
}

describe("the holders of a key", () => {
  test("are what came and has not gone, few or many, whoever looks for them (property)", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
        play(steps);
      }),
      { numRuns: 60 },
    );
  });

  test("who comes out of a snapshot has changed nothing", () => {
    const holders = new Holders();
    holders.adopt(holderOf(3, 1, undefined));

    expect([holders.takeChange(), holders.count]).toEqual([undefined, 1]);
  });

  test("come in the order of their tokens, and leave once", () => {
    const holders = new Holders();
    const first = holderOf(3, 1, undefined);
    holders.add(first);

    expect(() => holders.add(holderOf(2, 1, undefined))).toThrow("in the order of their tokens");
    holders.remove(first);
    expect(() => holders.remove(first)).toThrow("held it");
  });
});
