// node-keeper.ts — what runs in a keeper's worker thread: a Keeper in the world as this thread has it. Only
// node-keeper-thread.ts starts it.
import { workerData } from "node:worker_threads";
import { Keeper } from "./keeper.ts";
import type { KeeperOrder } from "./keeper-words.ts";
import type { NodeKeeperGifts } from "./node-keeper-thread.ts";
import { nodePlatform } from "./node-platform.ts";

const { port, beats, settings }: NodeKeeperGifts = workerData;
const keeper = new Keeper({
  platform: nodePlatform,
  settings,
  lastBeatMs: () => Number(Atomics.load(beats, 0)),
  tell: (news) => port.postMessage(news),
});
port.on("message", (order: KeeperOrder) => keeper.heed(order));
