import { expect, test } from "vitest";
import { aCluster, watched } from "../test/situation.ts";
import * as browser from "./browser.ts";
import { RogerdClient } from "./client.ts";
import * as node from "./index.ts";

/** As a user without a compiler gives them. */
type Anything = ReturnType<typeof Reflect.get>;

const endpoints = ["n1:7401"];

test.each<readonly [string, Anything]>([
  ["options", undefined],
  ["options", null],
  ["options", []],
  ["endpoints", {}],
  ["endpoints", { endpoints: "n1:7401" }],
  ["endpoints", { endpoints: [] }],
  ["endpoints[0]", { endpoints: [null] }],
  ["endpoints[1]", { endpoints: ["n1:7401", "foo"] }],
  ["endpoints[0]", { endpoints: ["ws://foo"] }],
  ["endpoints[0]", { endpoints: ["http://foo:7401"] }],
  ["endpoints[0]", { endpoints: ["n1:7401,n2:7401"] }],
  ["endpoints[0]", { endpoints: ["n1:0"] }],
  ["name", { endpoints, name: new Date(0) }],
  ["name", { endpoints, name: "a\nb" }],
  ["name", { endpoints, name: "€".repeat(171) }],
  ["name", { endpoints, name: "x".repeat(513) }],
  ["credential", { endpoints, credential: 5 }],
  ["credential", { endpoints, credential: "x".repeat(4_097) }],
  ["clusterId", { endpoints, clusterId: 5 }],
  ["clusterId", { endpoints, clusterId: "x".repeat(1_025) }],
  ["encoding", { endpoints, encoding: "xml" }],
  ["session", { endpoints, session: "foo" }],
  ["until", { endpoints, until: "foo" }],
  ["keepalives", { endpoints, keepalives: "foo" }],
  ["maxStallMs", { endpoints, maxStallMs: 5_000 }],
  ["callsOpenMax", { endpoints, callsOpenMax: 0 }],
  ["callsOpenMax", { endpoints, callsOpenMax: Number.NaN }],
  ["signal", { endpoints, signal: {} }],
  ["platform", { endpoints, platform: null }],
  ["timeoutMs", { endpoints, timeoutMs: 0 }],
  ["timeoutMs", { endpoints, timeoutMs: "5" }],
  ["timeoutMs", { endpoints, timeoutMs: Number.POSITIVE_INFINITY }],
  ["pingIntervalMs", { endpoints, pingIntervalMs: -1 }],
  ["pingIntervalMs", { endpoints, pingIntervalMs: Number.NaN }],
  ["sessionTtlMs", { endpoints, sessionTtlMs: 1 }],
  ["sessionTtlMs", { endpoints, sessionTtlMs: 600_001 }],
  ["sessionTtlMs", { endpoints, sessionTtlMs: 5_000.5 }],
  ["keyDelayMs", { endpoints, keyDelayMs: 0 }],
  ["keyDelayMs", { endpoints, keyDelayMs: "700" }],
  ["backOff", { endpoints, backOff: 5 }],
  ["backOff.firstMs", { endpoints, backOff: { firstMs: -1, longestMs: 5 } }],
  ["backOff.longestMs", { endpoints, backOff: { firstMs: 1, longestMs: Number.NaN } }],
  ["backOff.longestMs", { endpoints, backOff: { firstMs: 1 } }],
  ["backOff.maxMs", { endpoints, backOff: { firstMs: 1, longestMs: 5, maxMs: 5 } }],
  ["sesionTtlMs", { endpoints, sesionTtlMs: 5_000 }],
  ["toString", { endpoints, toString: "x" }],
])("%s that makes no sense is named at once, and nothing is dialed", async (path, options) => {
  const { world } = aCluster();

  const connecting = watched(RogerdClient.connect(world, options));
  await world.run(0);

  expect(connecting.outcome()).toMatchObject({
    error: { name: "InvalidArgumentError", path, message: expect.stringContaining(path) },
  });
  expect(world.dialed).toEqual([]);
});

test.each([
  ["Node", node],
  ["browsers", browser],
] as const)("the door for %s rejects, and never throws", async (_, door) => {
  const options: Anything = undefined;

  const connecting = door.connect(options);

  await expect(connecting).rejects.toMatchObject({ path: "options" });
});

test("an option that is undefined is one that was not given", async () => {
  const { world, cluster } = aCluster();
  const options: Anything = {
    endpoints: cluster.endpoints,
    name: undefined,
    sessionTtlMs: undefined,
    backOff: undefined,
    maxStallMs: undefined,
  };

  const connecting = RogerdClient.connect(world, options);
  await world.run(2_000);

  expect((await connecting).name).toBe("rogerd-client");
});
