import { describe, expect, test } from "vitest";
import {
  checkConfiguration,
  EMPTY_CONFIGURATION,
  isSoleVoter,
  isVoter,
  makeConfiguration,
  memberIds,
} from "./configuration.ts";
import { ConfigurationHistory } from "./configuration-history.ts";
import type { Entry } from "./entry.ts";
import { logIndex, type NodeId, nodeId, term } from "./ids.ts";

const idOf = (letter: string): NodeId => nodeId(letter.repeat(32));
const [a, b, c, d] = [idOf("a"), idOf("b"), idOf("c"), idOf("d")] as const;

const member = (id: NodeId) => ({
  id,
  name: id.slice(0, 1),
  clientUrl: "ws://c",
  peerUrl: "ws://p",
});

describe("a configuration", () => {
  test("is sorted, so that equal ones have equal bytes", () => {
    const one = makeConfiguration({
      voters: [c, a],
      learners: [b],
      members: [c, b, a].map(member),
    });
    const other = makeConfiguration({
      voters: [a, c],
      learners: [b],
      members: [a, b, c].map(member),
    });

    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(one.voters).toEqual([a, c]);
  });

  test("names who votes in either half, and everybody who receives the log", () => {
    const joint = makeConfiguration({
      voters: [a, b],
      votersOutgoing: [a, c],
      learners: [d],
      members: [a, b, c, d].map(member),
    });

    expect([a, b, c, d].filter((id) => isVoter(joint, id))).toEqual([a, b, c]);
    expect(memberIds(joint)).toEqual([a, b, c, d]);
  });

  test("has one voter whose word is enough only if nobody else counts, in either half", () => {
    const alone = makeConfiguration({ voters: [a], members: [member(a)] });
    const leaving = makeConfiguration({
      voters: [a],
      votersOutgoing: [a, b],
      members: [a, b].map(member),
    });

    expect([isSoleVoter(alone, a), isSoleVoter(alone, b), isSoleVoter(leaving, a)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(isSoleVoter(EMPTY_CONFIGURATION, a)).toBe(false);
  });

  test.each([
    { what: "nobody votes", parts: { learners: [a], members: [member(a)] } },
    { what: "a learner votes", parts: { voters: [a], learners: [a], members: [member(a)] } },
    { what: "a voter has no address", parts: { voters: [a, b], members: [member(a)] } },
    { what: "an address is nobody's", parts: { voters: [a], members: [a, b].map(member) } },
    { what: "a removed node is back", parts: { voters: [a], removed: [a], members: [member(a)] } },
    { what: "a voter is named twice", parts: { voters: [a, a], members: [member(a)] } },
  ])("in which $what is none", ({ parts }) => {
    expect(() => makeConfiguration(parts)).toThrow("not true");
  });

  test("that is not sorted is none", () => {
    const unsorted = { ...EMPTY_CONFIGURATION, voters: [b, a], members: [a, b].map(member) };

    expect(() => checkConfiguration(unsorted)).toThrow("sorted");
  });
});

const ofOne = makeConfiguration({ voters: [a], members: [member(a)] });
const ofTwo = makeConfiguration({ voters: [a, b], members: [a, b].map(member) });
const ofThree = makeConfiguration({ voters: [a, b, c], members: [a, b, c].map(member) });

const entry = (index: number, configuration?: typeof ofOne): Entry => ({
  index: logIndex(index),
  term: term(1),
  ...(configuration === undefined ? { kind: "noop" } : { kind: "configuration", configuration }),
});

function aHistory(): ConfigurationHistory {
  const history = new ConfigurationHistory({ index: logIndex(2), configuration: ofOne });
  history.append([entry(3), entry(4, ofTwo), entry(5), entry(6, ofThree)]);
  return history;
}

describe("the history of configurations", () => {
  test("has the latest appended in force, and knows what was in force before", () => {
    const history = aHistory();

    expect([history.inForce, history.inForceSince]).toEqual([ofThree, 6]);
    expect([2, 3, 4, 5, 6, 9].map((index) => history.asOf(logIndex(index)))).toEqual([
      ofOne,
      ofOne,
      ofTwo,
      ofTwo,
      ofThree,
      ofThree,
    ]);
  });

  test("goes back when the log is truncated (M3)", () => {
    const history = aHistory();

    history.truncate(logIndex(6));
    const afterOne = history.inForce;
    history.truncate(logIndex(3));

    expect([afterOne, history.inForce]).toEqual([ofTwo, ofOne]);
  });

  test("forgets what cannot come back, and keeps what is in force at the snapshot", () => {
    const history = aHistory();

    history.forget(logIndex(5));

    expect(history.asOf(logIndex(5))).toEqual(ofTwo);
    expect(history.inForce).toEqual(ofThree);
    expect(() => history.asOf(logIndex(3))).toThrow("not asked for");
  });

  test("takes the word of an installed snapshot, and keeps what was appended after it (M2)", () => {
    const history = aHistory();

    history.restart({ index: logIndex(5), configuration: ofOne });

    expect([history.asOf(logIndex(5)), history.inForce]).toEqual([ofOne, ofThree]);
  });
});
