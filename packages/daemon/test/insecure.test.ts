// insecure.test.ts — who listens where others can come in without credentials says so at every start.
import { expect, test } from "vitest";
import type { Platform } from "../src/index.ts";
import { type Station, stations, until } from "./daemons.ts";

/** Whatever is asked for, only this machine is listened on. */
function onLoopback(platform: Platform): Platform {
  const { network } = platform;
  return {
    ...platform,
    network: {
      dial: (dial, listener) => network.dial(dial, listener),
      listen: (port, listener) => network.listen({ ...port, host: "127.0.0.1" }, listener),
    },
  };
}

async function startedTwice(station: Station): Promise<void> {
  for (let run = 0; run < 2; run += 1) {
    station.change = onLoopback;
    await station.start();
    await until("it serves", () => station.isServing);
    await station.stop();
  }
}

test("every start says that anybody may connect, and where", async () => {
  await using all = await stations(1, (settings) => ({
    ...settings,
    founders: [],
    insecure: true,
    listenClient: { ...settings.listenClient, host: "0.0.0.0" },
    advertiseClient: "127.0.0.1:7401",
  }));
  const n1 = all.station("n1");

  await startedTwice(n1);

  const open = [`0.0.0.0:${n1.settings.listenClient.port}`];
  const line = { level: "warn", node: "n1", open };
  expect(n1.said("anybody may connect: no credentials are set")).toMatchObject([line, line]);
});

test("on loopback, or with a credential, nothing of the kind is said", async () => {
  await using all = await stations(1, (settings) => ({
    ...settings,
    founders: [],
    credential: "open sesame",
    listenClient: { ...settings.listenClient, host: "0.0.0.0" },
    advertiseClient: "127.0.0.1:7401",
  }));
  const n1 = all.station("n1");

  await startedTwice(n1);

  expect(n1.said("anybody may connect: no credentials are set")).toEqual([]);
});
