import type { Answer } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { type APort, aPort, openIds } from "../../test/outer/a-port.ts";
import type { VirtualClient } from "../../test/outer/virtual-network.ts";

async function listed(
  port: APort,
  client: VirtualClient,
  more: { readonly revisionMin?: number } = {},
): Promise<Answer | undefined> {
  const request = { id: 9, command: "session.list", args: { prefix: "te" }, ...more };
  client.say({ kind: "requests", requests: [request] });
  await port.settle();
  return client.heardOf("answers").at(-1)?.answers.at(-1);
}

describe("session.list", () => {
  test("shows what each session has, and the leader adds how long its lease lasts", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.leadershipMoved();
    await port.settle();
    await port.platform.advance(2_000);

    const answer = await listed(port, client);

    expect(answer).toMatchObject({
      result: {
        status: "list",
        items: [
          {
            session: 1,
            client: "test",
            ttlMs: 30_000,
            holds: 0,
            waits: 0,
            runs: 0,
            leaseLeftMs: expect.any(Number),
          },
        ],
        next: null,
      },
    });
  });

  test("who does not lead knows nothing of leases", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    port.node.follow("n2");

    const answer = await listed(port, client, { revisionMin: 0 });

    expect(answer).toMatchObject({ result: { items: [{ session: 1 }] } });
    expect(JSON.stringify(answer)).not.toContain("leaseLeftMs");
  });
});
