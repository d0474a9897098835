// node-keeper-thread.ts — starts a keeper as a worker thread of Node (node-keeper.ts). What it says can be
// taken from its port at any moment, without a turn of the loop; that this loop turns is written to memory that both share.
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";
import type { KeeperNews, KeeperSettings } from "./keeper-words.ts";
import type { Thread, ThreadListener } from "./platform.ts";

/** What the worker is given. */
export interface NodeKeeperGifts {
  readonly port: MessagePort;
  /** One number: when the client's loop last turned, in milliseconds of the clock of both. */
  readonly beats: BigInt64Array;
  readonly settings: KeeperSettings;
}

export function startNodeKeeper(settings: KeeperSettings, listener: ThreadListener): Thread {
  const { port1: port, port2 } = new MessageChannel();
  const beats = new BigInt64Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL("./node-keeper.js", import.meta.url), {
    name: "rogerd-keeper",
    workerData: { port: port2, beats, settings },
    transferList: [port2],
    // What this process was started with is not for it.
    execArgv: [],
  });
  const said: KeeperNews[] = [];
  let failure: string | undefined;
  let isStopped = false;
  worker.on("error", (error: Error) => {
    failure ??= error.message;
  });
  worker.on("exit", (code) => {
    if (!isStopped) listener.died(failure ?? `it exited with ${code}`);
    isStopped = true;
    port.close();
  });
  port.on("message", (news: KeeperNews) => {
    said.push(news);
    if (!isStopped) listener.said();
  });
  // After the listeners: each of them holds the process again.
  worker.unref();
  port.unref();
  return {
    beat: () => void Atomics.store(beats, 0, process.hrtime.bigint() / 1_000_000n),
    tell: (order) => port.postMessage(order),
    take: () => {
      for (let next = receiveMessageOnPort(port); next !== undefined; ) {
        said.push(next.message);
        next = receiveMessageOnPort(port);
      }
      return said.splice(0);
    },
    stop: () => {
      isStopped = true;
      void worker.terminate();
    },
  };
}
