import { errorObject, type Request } from "@rogerd/protocol";
import { expect, test } from "vitest";
import { aConnectedClient, type Situation, watched } from "../test/situation.ts";

const poison = "what no daemon can read";

function isPoison({ args }: Request): boolean {
  return args["key"] === poison;
}

/** Its nodes end a connection on which a frame comes that they can't read. */
async function aStrictCluster(): Promise<Situation & { readonly ends: () => number }> {
  const situation = await aConnectedClient();
  let ends = 0;
  for (const node of situation.cluster.nodes.values()) {
    node.judge = (request) => {
      if (!isPoison(request)) return "answer";
      ends += 1;
      const error = errorObject("invalid_argument", "frame is wrong", { path: "frame" });
      node.say({ kind: "error", error });
      node.hangUp(4400);
      return "ignore";
    };
  }
  return { ...situation, ends: () => ends };
}

const unread = {
  error: { name: "InvalidArgumentError", path: "frame", message: "frame is wrong" },
};

test("a call that the node can't read is rejected, and not sent again", async () => {
  const { client, ends, world } = await aStrictCluster();

  const bad = watched(client.roger().isExecuting("p", poison, { add: true }));
  await world.run(5_000);

  expect(bad.outcome()).toMatchObject(unread);
  expect(bad.outcome()).toMatchObject({ error: { outcomeKnown: true } });
  expect(ends()).toBe(1);
});

test("of several it is found by sending each alone; all others are answered, each once", async () => {
  const { client, cluster, ends, world } = await aStrictCluster();
  const roger = client.roger();
  const execute = (key: string) => watched(roger.isExecuting("p", key, { add: true }));

  const [one, bad, two] = [execute("one"), execute(poison), execute("two")];
  await world.run(5_000);
  const later = execute("later");
  await world.run(10);

  expect(bad.outcome()).toMatchObject(unread);
  const free = { value: false };
  expect([one.outcome(), two.outcome(), later.outcome()]).toEqual([free, free, free]);
  expect(ends()).toBe(2);
  const executed = ["one", "two", "later"].map((key) => `roger.isExecuting ${key}`);
  expect(cluster.executed.toSorted()).toEqual(executed.toSorted());
});

test("one that is given up while it goes alone holds up nobody", async () => {
  const { client, cluster, world } = await aStrictCluster();
  const roger = client.roger();
  const execute = (key: string, options = {}) =>
    watched(roger.isExecuting("p", key, { add: true, ...options }));
  const [slow, bad] = [execute("slow", { timeoutMs: 1_000 }), execute(poison)];
  await world.run(1);
  for (const node of cluster.nodes.values()) {
    const { judge } = node;
    node.judge = (request) => (request.args["key"] === "slow" ? "ignore" : judge(request));
  }
  await world.run(500);
  const other = execute("other");

  await world.run(2_000);

  expect(slow.outcome()).toMatchObject({ error: { code: "deadline_exceeded" } });
  expect(bad.outcome()).toMatchObject(unread);
  expect(other.outcome()).toEqual({ value: false });
});
