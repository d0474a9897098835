import { expect, test } from "vitest";
import { aScriptedClient, type Script, type ScriptedSituation } from "../test/scripted-client.ts";
import { watched } from "../test/situation.ts";
import { HeldKey } from "./held-key.ts";

async function aKey(
  script: Script = {},
): Promise<ScriptedSituation & { readonly key: HeldKey; readonly releases: () => number }> {
  const situation = await aScriptedClient({
    "executionKey.acquire": [{ status: "held", token: 5 }],
    "executionKey.release": [{ status: "released" }],
    ...script,
  });
  const acquiring = situation.client.partition("acme").acquireExecutionKey("k", { owner: "j" });
  await situation.world.run(10);
  const key = await acquiring;
  if (!(key instanceof HeldKey)) throw new Error("it is held");
  return { ...situation, key, releases: () => situation.requests("executionKey.release").length };
}

test("a key that was given back is left as it is at the end of its block, also where nobody answers any more", async () => {
  const { cluster, key, releases, world } = await aKey();
  const releasing = watched(key.release());
  await world.run(10);
  for (const node of cluster.nodes.values()) node.judge = () => "ignore";

  const left = watched(key[Symbol.asyncDispose]());
  await world.run(10);

  expect(releasing.outcome()).toMatchObject({ value: { status: "released" } });
  expect([left.outcome(), releases()]).toEqual([{ value: undefined }, 1]);
});

test("a key whose release is on its way is left as it is", async () => {
  const { cluster, key, releases, world } = await aKey();
  cluster.node("n1").judge = () => "answer-late";
  const releasing = watched(key.release());

  const left = watched(key[Symbol.asyncDispose]());
  await world.run(1_000);

  expect([left.outcome(), releases()]).toEqual([{ value: undefined }, 1]);
  expect(releasing.outcome()).toMatchObject({ value: { status: "released" } });
});

test("a key whose release certainly did nothing is given back at the end of its block", async () => {
  const { key, releases, world } = await aKey();
  const wrong = watched(key.release({ timeoutMs: -1 }));
  await world.run(10);

  const left = watched(key[Symbol.asyncDispose]());
  await world.run(10);

  expect(wrong.outcome()).toMatchObject({ error: { code: "invalid_argument" } });
  expect([left.outcome(), releases()]).toEqual([{ value: undefined }, 1]);
});
