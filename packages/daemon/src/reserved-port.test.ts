import { describe, expect, test } from "vitest";
import { nodeNetwork } from "./node-network.ts";
import { ReservedPort } from "./reserved-port.ts";

async function reserved(): Promise<ReservedPort> {
  const endpoint = { host: "127.0.0.1", port: 0 };
  return ReservedPort.open({ network: nodeNetwork, endpoint, frameBytesMax: 1_000 });
}

function get(port: ReservedPort, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port.endpoint.port}${path}`);
}

describe("the client port while the cluster forms", () => {
  test("it is alive and serves nothing yet", async () => {
    const port = await reserved();

    const [live, status] = [await get(port, "/livez"), await get(port, "/status")];
    await port.close();

    expect([live.status, await live.text()]).toEqual([200, "ok\n"]);
    expect([status.status, await status.json()]).toMatchObject([
      503,
      { error: { code: "unavailable", retryable: true } },
    ]);
  });

  test("the listener takes it over where it is, and can let it go", async () => {
    const port = await reserved();
    const asked = { host: "elsewhere", port: 1, frameBytesMax: 1 };
    const taken = await port.network().listen(asked, {
      judgeUpgrade: () => ({ kind: "refuse", status: 404, reason: "no" }),
      accepted: () => ({ frame: () => undefined, pong: () => undefined, closed: () => undefined }),
      answer: async ({ path }) => ({ status: 200, headers: {}, body: `served ${path}` }),
    });

    const body = await (await get(port, "/status")).text();
    await taken.close();
    await port.close();

    expect(taken.port).toBe(port.endpoint.port);
    expect(body).toBe("served /status");
    await expect(get(port, "/status")).rejects.toThrow(/fetch failed/);
  });
});
