import { type NodeId, nodeId } from "@rogerd/raft";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeHashes } from "./hash-verdict.ts";

const ids = ["a", "b", "c", "d", "e"].map((digit) => nodeId(digit.repeat(32)));

/** Hashes of the first, second, … of so many voters; "-" is not known. Ours is the first, if given. */
function verdict(hashes: string, own = hashes[0] ?? ""): string {
  const voters = ids.slice(0, hashes.length);
  const known = new Map<NodeId, string>();
  for (const [at, id] of voters.entries()) {
    const hash = hashes[at];
    if (hash !== undefined && hash !== "-") known.set(id, hash);
  }
  return judgeHashes({ voters, own, known });
}

describe("what the hashes of the voters say (DESIGN §5)", () => {
  test.each([
    ["a", "agrees"], // a cluster of one is its own majority
    ["aa-", "agrees"],
    ["a--", "open"],
    ["ab-", "open"],
    ["abb", "differs"],
    ["aba", "agrees"],
    ["abc", "nobody-agrees"],
    ["ab", "nobody-agrees"],
    ["abbb-", "differs"],
    ["aabb-", "open"],
    ["aabbc", "nobody-agrees"],
    ["abcd-", "nobody-agrees"],
  ])("%s: %s", (hashes, expected) => {
    expect(verdict(hashes)).toBe(expected);
  });

  test("a learner has a hash and no say", () => {
    expect(verdict("aa-", "b")).toBe("differs");
    expect(verdict("a--", "b")).toBe("open");
    const voters = ids.slice(0, 3);
    const known = new Map(ids.map((id, at) => [id, at === 0 ? "a" : "b"] as const));
    for (const voter of voters.slice(1)) known.delete(voter);
    expect(judgeHashes({ voters, own: "a", known })).toBe("open");
  });

  test("a verdict does not change when the missing hashes come in", () => {
    const letters = fc.constantFrom("a", "b", "c", "-");
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 5 }), (known) => {
        const early = ["a", ...known.slice(1)].join("");
        const firm = verdict(early);
        if (firm === "open") return true;
        return ["a", "b", "c", "d"].every((hash) => verdict(early.replaceAll("-", hash)) === firm);
      }),
    );
  });
});
