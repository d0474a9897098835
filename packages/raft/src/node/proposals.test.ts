import { describe, expect, test } from "vitest";
import { logIndex, term } from "../core/ids.ts";
import type { ProposalOutcome } from "./outcomes.ts";
import { Proposals } from "./proposals.ts";

type Outcome = ProposalOutcome<string> | "waiting";

/** One proposal, accepted at (index, term), and what became of it. */
function place(proposals: Proposals<string>, at: { index: number; term: number; count?: number }) {
  const outcomes: Outcome[] = [];
  for (let n = 0; n < (at.count ?? 1); n += 1) {
    outcomes.push("waiting");
    void proposals.add({ payload: new Uint8Array(1), term: term(at.term) }).then((outcome) => {
      outcomes[n] = outcome;
    });
  }
  const ticket = at.index * 1000 + at.term;
  proposals.ask({ ticket, term: term(at.term), leaderId: undefined, hasRoom: true });
  proposals.accepted({ ticket, first: logIndex(at.index), term: term(at.term) });
  return outcomes;
}

const someProposals = (): Proposals<string> =>
  new Proposals({ gatheredMax: 4, gatheredBytesMax: 100 });

function committed(first: number, terms: readonly number[]) {
  return terms.map((at, offset) => ({
    index: logIndex(first + offset),
    term: term(at),
    payload: new Uint8Array(1),
  }));
}

const applied = (index: number, at: number, result: string): Outcome => ({
  kind: "applied",
  index: logIndex(index),
  term: term(at),
  result,
});

describe("proposals", () => {
  test("each proposal of a turn gets the result at its own index", async () => {
    const proposals = someProposals();
    const outcomes = place(proposals, { index: 5, term: 2, count: 3 });

    proposals.applied(committed(5, [2, 2]), ["a", "b"]);
    await Promise.resolve();

    expect(outcomes).toEqual([applied(5, 2, "a"), applied(6, 2, "b"), "waiting"]);
  });

  test("an entry of another term at its index is somebody else's: lost, not applied (R19)", async () => {
    const proposals = someProposals();
    const outcomes = place(proposals, { index: 5, term: 2 });

    proposals.applied(committed(5, [3]), ["theirs"]);
    await Promise.resolve();

    expect(outcomes).toEqual([{ kind: "lost" }]);
  });

  test("a committed entry of a later term before its index loses it: terms in a log never go down", async () => {
    const proposals = someProposals();
    const outcomes = place(proposals, { index: 9, term: 2 });

    proposals.applied(committed(5, [3]), ["theirs"]);
    await Promise.resolve();

    expect(outcomes).toEqual([{ kind: "lost" }]);
  });

  test("an entry that was removed here and committed by another leader is applied after all", async () => {
    const proposals = someProposals();
    const first = place(proposals, { index: 5, term: 2 });
    const second = place(proposals, { index: 5, term: 4 });

    proposals.applied(committed(5, [2, 5]), ["ours", "theirs"]);
    await Promise.resolve();

    expect(first).toEqual([applied(5, 2, "ours")]);
    expect(second).toEqual([{ kind: "lost" }]);
  });

  test("after leadership is lost a waiter waits so long and no longer", async () => {
    const proposals = someProposals();
    const outcomes = place(proposals, { index: 5, term: 2 });
    proposals.leadershipLost({ until: 600 });
    expect(proposals.giveUpAt).toBe(600);

    proposals.giveUp(599);
    await Promise.resolve();
    expect(outcomes).toEqual(["waiting"]);
    proposals.giveUp(600);
    await Promise.resolve();

    expect(outcomes).toEqual([{ kind: "indeterminate", cause: "leadership-lost" }]);
    expect(proposals.giveUpAt).toBe(Number.POSITIVE_INFINITY);
  });

  test("an installed snapshot hides what became of an entry below it, but not of one above", async () => {
    const proposals = someProposals();
    const below = place(proposals, { index: 5, term: 2, count: 2 });
    const newer = place(proposals, { index: 6, term: 9 });
    const above = place(proposals, { index: 20, term: 2 });

    proposals.covered({ index: logIndex(10), term: term(3) });
    await Promise.resolve();

    const indeterminate = { kind: "indeterminate", cause: "leadership-lost" };
    expect(below).toEqual([indeterminate, indeterminate]);
    expect(newer).toEqual([{ kind: "lost" }]);
    expect(above).toEqual([{ kind: "lost" }]);
  });

  test("too many or too large proposals in one turn are overloaded", async () => {
    const proposals = someProposals();
    const full = { payload: new Uint8Array(101), term: term(1) };
    expect(await proposals.add(full)).toEqual({ kind: "overloaded" });

    for (let n = 0; n < 4; n += 1) {
      void proposals.add({ payload: new Uint8Array(1), term: term(1) });
    }

    const fifth = await proposals.add({ payload: new Uint8Array(1), term: term(1) });
    expect(fifth).toEqual({ kind: "overloaded" });
  });

  test("proposals made in one term are not appended in a later one (R18)", async () => {
    const proposals = someProposals();
    const outcome = proposals.add({ payload: new Uint8Array(1), term: term(3) });

    const payloads = proposals.ask({
      ticket: 1,
      term: term(4),
      leaderId: undefined,
      hasRoom: true,
    });

    expect(payloads).toBeUndefined();
    expect(await outcome).toEqual({ kind: "not-leader", leaderId: undefined });
  });

  test("without room on the disk they are overloaded before the core sees them", async () => {
    const proposals = someProposals();
    const outcome = proposals.add({ payload: new Uint8Array(1), term: term(3) });

    proposals.ask({ ticket: 1, term: term(3), leaderId: undefined, hasRoom: false });

    expect(await outcome).toEqual({ kind: "overloaded" });
  });

  test("at the end every waiter gets an outcome, and the unseen ones are certainly not appended", async () => {
    const proposals = someProposals();
    const placed = place(proposals, { index: 5, term: 2 });
    const gathered = proposals.add({ payload: new Uint8Array(1), term: term(2) });

    proposals.end();

    expect(await gathered).toEqual({ kind: "not-leader", leaderId: undefined });
    expect(placed).toEqual([{ kind: "indeterminate", cause: "stopped" }]);
  });
});
