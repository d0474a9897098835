import { type Answer, type Request, subprotocols } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { aPort, pause, paused, start } from "../../test/outer/a-port.ts";
import type { VirtualClient } from "../../test/outer/virtual-network.ts";

function ask(client: VirtualClient, requests: readonly Request[]) {
  client.say({ kind: "requests", requests });
}

function lastAnswer(client: VirtualClient): Answer | undefined {
  return client.heardOf("answers").at(-1)?.answers.at(-1);
}

/** It has applied a start and a pause, revisions 2 and 3, and follows since. */
async function aFollower(leader: "n2" | undefined) {
  const port = await aPort();
  const client = port.client(subprotocols.json);
  ask(client, [start(1)]);
  await port.settle();
  ask(client, [pause(2, "mail")]);
  await port.settle();
  port.node.follow(leader);
  const reads = port.node.reads;
  return { port, client, reads };
}

describe("a read for which an old state will do", () => {
  test("is answered by a follower from what it has applied, though no leader is known", async () => {
    const { port, client, reads } = await aFollower(undefined);

    ask(client, [{ ...paused(3), revisionMin: 0 }]);
    await port.settle();

    expect(lastAnswer(client)).toEqual({
      id: 3,
      revision: 3,
      n: 0,
      result: { status: "paused", queues: ["mail"] },
    });
    expect(port.node.reads).toBe(reads);
  });

  test("is answered by a leader too, without asking a quorum", async () => {
    const { port, client, reads } = await aFollower(undefined);
    port.node.lead();

    ask(client, [{ ...paused(3), revisionMin: 3 }]);
    await port.settle();

    expect(lastAnswer(client)).toMatchObject({ id: 3, revision: 3 });
    expect(port.node.reads).toBe(reads);
  });

  test("is not answered from an older state than the asker has seen: the leader is named", async () => {
    const { port, client } = await aFollower("n2");

    ask(client, [{ ...paused(3), revisionMin: 4 }]);
    await port.settle();

    expect(lastAnswer(client)).toMatchObject({
      id: 3,
      error: { code: "not_leader", leader: { name: "n2" } },
    });
  });

  test("is not answered by a node that knows its state to be wrong", async () => {
    const { port, client } = await aFollower("n2");
    port.node.notServing = "its state differs from the majority's";

    ask(client, [{ ...paused(3), revisionMin: 0 }]);
    await port.settle();

    expect(lastAnswer(client)).toMatchObject({ id: 3, error: { code: "unavailable" } });
  });

  test("must be a read", async () => {
    const port = await aPort();
    const client = port.client(subprotocols.json);

    ask(client, [{ ...start(1), revisionMin: 0 }]);
    await port.settle();

    expect(lastAnswer(client)).toMatchObject({
      id: 1,
      error: { code: "invalid_argument", path: "revisionMin" },
    });
  });

  test("needs no leader over HTTP either", async () => {
    const { port } = await aFollower(undefined);
    const text = JSON.stringify({
      partition: "acme",
      command: "roger.queueGetPaused",
      revisionMin: 3,
    });
    const headers = { host: "127.0.0.1:7401", "content-type": "application/json" };

    const answering = port.network.request({ method: "POST", path: "/v1/command", headers, text });
    await port.settle();
    const { status, body } = await answering;

    expect({ status, body: JSON.parse(body) }).toMatchObject({
      status: 200,
      body: { revision: 3, result: { queues: ["mail"] } },
    });
  });
});
