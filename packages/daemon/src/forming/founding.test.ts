import { incarnation, type Member, type NodeId, nodeId } from "@rogerd/raft";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PeerHello } from "../peers/peer-hello.ts";
import type { Founder } from "../settings/settings.ts";
import { decideFounding, type FoundingStep, type FoundingView } from "./founding.ts";

const names = ["n1", "n2", "n3"] as const;
const founders: readonly Founder[] = names.map((name, at) => ({
  name,
  host: "h",
  port: 7501 + at,
}));
const clusterId = "c".repeat(32);

function idOf(name: string): NodeId {
  return nodeId((name[1] ?? "0").repeat(32));
}

function member(name: string): Member {
  return { id: idOf(name), name, clientUrl: `ws://c-${name}`, peerUrl: `ws://p-${name}` };
}

/** Without a cluster, started with the list of all. */
function unbound(name: string, change: Partial<PeerHello> = {}): PeerHello {
  const { id, clientUrl, peerUrl } = member(name);
  return {
    protocol: 1,
    clusterId: undefined,
    nodeId: id,
    name,
    incarnation: incarnation(1),
    clientUrl,
    peerUrl,
    founders,
    memberIds: [],
    credential: "",
    ...change,
  };
}

/** Bound; `knows`: whom its log names, nobody while it is empty. */
function bound(name: string, knows: readonly NodeId[]): PeerHello {
  return unbound(name, { clusterId, founders: [], memberIds: knows });
}

function step(self: string, ...met: PeerHello[]): FoundingStep {
  const view: FoundingView = { self: member(self), founders, met };
  return decideFounding(view);
}

const all = names.map(idOf);

describe("what a founder may do (DESIGN §4)", () => {
  test("the first by name founds once it sees all, unbound and with its own list", () => {
    const founds = step("n1", unbound("n3"), unbound("n2"));

    expect(founds).toEqual({
      kind: "found",
      configuration: {
        voters: all,
        votersOutgoing: [],
        learners: [],
        members: names.map(member),
        removed: [],
      },
    });
  });

  test("the first waits while one is missing; the others wait whomever they see", () => {
    expect(step("n1", unbound("n2"))).toEqual({ kind: "wait", missing: ["n3"] });
    expect(step("n2", unbound("n1"), unbound("n3"))).toEqual({ kind: "wait", missing: [] });
    expect(step("n3", unbound("n1"), unbound("n2"))).toEqual({ kind: "wait", missing: [] });
  });

  test("the others bind themselves to the cluster whose configuration names them", () => {
    expect(step("n2", bound("n1", all))).toEqual({ kind: "bind", clusterId });
    expect(step("n3", bound("n1", all), unbound("n2"))).toEqual({ kind: "bind", clusterId });
  });

  test("nobody binds itself to a cluster of one whose log is empty", () => {
    expect(step("n3", bound("n2", []))).toMatchObject({ kind: "wait" });
  });

  test("one that the configuration does not name neither votes nor joins", () => {
    const strangers = [idOf("n1"), idOf("n9"), idOf("n3")];

    const fails = step("n2", bound("n1", strangers));

    expect(fails.kind).toBe("fail");
    expect(fails).toMatchObject({
      sentence: expect.stringContaining(
        "`rogerctl member remove n2` and `rogerctl member add n2 --peer p-n2 --client c-n2`",
      ),
    });
  });

  test("the first that meets only the bound and empty says which directories to empty", () => {
    const fails = step("n1", bound("n2", []), unbound("n3"));

    expect(fails).toMatchObject({
      kind: "fail",
      sentence: expect.stringMatching(/n2 is bound .* empty the data directory of n2 /),
    });
    expect(step("n1", bound("n2", []))).toEqual({ kind: "wait", missing: ["n3"] });
  });

  test("another list is a fault on either side, and shows both", () => {
    const shorter = founders.slice(0, 2);

    const fails = step("n3", unbound("n1", { founders: shorter }));

    expect(fails).toMatchObject({
      kind: "fail",
      sentence: expect.stringMatching(
        /n3\) with n1=h:7501,n2=h:7502,n3=h:7503, n1 with n1=h:7501,n2=h:7502\./,
      ),
    });
  });

  test("the order in which a list was written does not matter", () => {
    const reversed = [...founders].reverse();

    expect(step("n2", unbound("n1", { founders: reversed }))).toMatchObject({ kind: "wait" });
  });

  test("a stranger that is on nobody's list stops nothing", () => {
    const stranger = unbound("n7", { founders: [{ name: "n7", host: "h", port: 1 }] });

    expect(step("n1", stranger, unbound("n2"), unbound("n3")).kind).toBe("found");
  });

  test("a node without founders is a cluster of one", () => {
    const view: FoundingView = { self: member("n1"), founders: [], met: [] };

    expect(decideFounding(view)).toMatchObject({
      kind: "found",
      configuration: { voters: [all[0]] },
    });
  });

  test("a list that does not name this node, or one twice, is a fault", () => {
    const self = member("n1");
    const without = decideFounding({ self, founders: founders.slice(1), met: [] });
    const twice = decideFounding({ self, founders: [...founders, ...founders], met: [] });

    expect(without).toMatchObject({ kind: "fail", sentence: expect.stringMatching(/add n1/) });
    expect(twice).toMatchObject({ kind: "fail", sentence: expect.stringMatching(/n1 twice/) });
  });

  test("whatever is met, at most one of the founders founds, and only if it sees all unbound", () => {
    fc.assert(
      fc.property(any("n1"), any("n2"), any("n3"), (...hellos) => {
        const founding = names.filter((self) => {
          const met = hellos.filter((hello) => hello !== undefined && hello.name !== self);
          return step(self, ...met.filter((hello) => hello !== undefined)).kind === "found";
        });
        const allUnbound = [hellos[1], hellos[2]].every(
          (hello) => hello?.clusterId === undefined && hello?.founders === founders,
        );
        expect(founding).toEqual(allUnbound ? ["n1"] : []);
      }),
    );
  });
});

/** All that a founder may say, or not be there at all. */
function any(name: string): fc.Arbitrary<PeerHello | undefined> {
  return fc.constantFrom(
    undefined,
    unbound(name),
    bound(name, []),
    bound(name, all),
    bound(name, [idOf("n9")]),
    unbound(name, { founders: founders.slice(1) }),
  );
}
