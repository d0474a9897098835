// A WebSocket through a link that knows of messages: they come twice and in another order where the link was told so.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Dice } from "../simulation/dice.ts";
import { eventually } from "./eventually.ts";
import { freePorts } from "./free-port.ts";
import type { FlowCargo, FlowRule } from "./flow.ts";
import { LinkProxy } from "./link-proxy.ts";

const count = 300;
const all = Array.from({ length: count }, (_, at) => at);

/** What was heard of so many numbers at the other end. */
async function heardThrough(
  rule: FlowRule,
  carries: FlowCargo,
  atLeast: number = count,
): Promise<readonly number[]> {
  const server = createServer();
  const upgrades = new WebSocketServer({ server });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: targetPort } = server.address() as AddressInfo;
  const [port = 0] = await freePorts(1);
  const proxy = await LinkProxy.open({ port, targetPort, dice: new Dice(7), carries });
  proxy.rule("there", rule);
  const heard: number[] = [];
  upgrades.on("connection", (socket) => socket.on("message", (data) => heard.push(Number(data))));
  const client = new WebSocket(`ws://127.0.0.1:${proxy.port}`);
  await once(client, "open");
  for (const number of all) client.send(String(number));
  await eventually(
    "all were heard",
    async () => (new Set(heard).size === count && heard.length >= atLeast) || undefined,
  );
  client.close();
  await once(client, "close");
  await proxy.close();
  upgrades.close();
  server.close();
  return heard;
}

const inOrder = (numbers: readonly number[]) => [...numbers].sort((one, other) => one - other);

test("messages that are repeated come once more, and the first one comes once, first", async () => {
  const heard = await heardThrough({ repeats: 0.3 }, "messages", count * 1.1);

  expect(heard[0]).toBe(0);
  expect(heard.filter((number) => number === 0)).toEqual([0]);
});

test("messages that are reordered come once each, the first one first", async () => {
  const heard = await heardThrough({ reorders: 0.3 }, "messages");

  expect(heard).not.toEqual(all);
  expect(inOrder(heard)).toEqual(all);
  expect(heard[0]).toBe(0);
});

test("a link that carries bytes knows of none, and one without a rule leaves them as they are", async () => {
  expect(await heardThrough({ repeats: 1, reorders: 1 }, "bytes")).toEqual(all);
  expect(await heardThrough({}, "messages")).toEqual(all);
});
