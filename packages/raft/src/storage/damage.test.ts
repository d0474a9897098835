import { expect, test } from "vitest";
import { membersOf, other, self } from "../../test/storage/situations.ts";
import { damagedDataError } from "./damage.ts";

const place = { what: "the end is missing", file: "/data/group-0/wal/0000000001.wal", index: 7 };

test("where nothing tells who votes, a node that was alone is sent to its backup", () => {
  const known = { directory: "/data/group-0/wal", nodeId: self, configuration: undefined };

  const { message } = damagedDataError({ ...place, remedy: "rejoin" }, known);

  expect(message).toMatch(
    /Unless it was alone \(then only a backup has it\), the other nodes have it; run: rogerd recover \/data --rejoin$/,
  );
});

test.each([
  ["cut", [self], /No other node has it.*run: rogerd recover \/data --accept-tail-loss$/],
  ["rejoin", [self], /put the files back.*all is lost.*run: rogerd recover \/data --rejoin$/],
  ["cut", [self, other], /The other nodes have it; run: rogerd recover \/data --rejoin$/],
  // A learner, whose cluster has one voter: that one has it.
  ["cut", [other], /The other nodes have it; run: rogerd recover \/data --rejoin$/],
  ["newer", [self], /Nothing is lost: start this folder with the version of rogerd that wrote it/],
] as const)("damage that asks for %s, with the voters %j, names one way", (remedy, voters, way) => {
  const known = {
    directory: "/data/group-0/wal",
    nodeId: self,
    configuration: membersOf(voters),
  };

  const { message } = damagedDataError({ ...place, remedy }, known);

  expect(message).toMatch(/^The data of this node can't be used: in .* \(log index 7\) the end/);
  expect(message).toMatch(way);
});
