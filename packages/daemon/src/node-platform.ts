// node-platform.ts — the world as Node gives it: clock, timers and turns, disk, network, dice.
// Only those who start a daemon import it; everything below takes its world as a parameter.
import { hash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { NodeDisk, nodeProcessFacts } from "@rogerd/raft";
import { nodeNetwork } from "./node-network.ts";
import type { Platform } from "./platform.ts";

export function nodePlatform(): Platform {
  return {
    monotonicNow: () => performance.now(),
    wallNow: () => Date.now(),
    setTimer: (delayMs, callback) => {
      const timeout = setTimeout(callback, delayMs);
      return { cancel: () => clearTimeout(timeout) };
    },
    // After the poll phase: what the sockets held is read by then, and timers that are due come later.
    afterTurn: (callback) => {
      setImmediate(callback);
    },
    drawSeed: () => randomInt(2 ** 32),
    randomBytes: (count) => randomBytes(count),
    digest: digestOf,
    isSameSecret,
    disk: new NodeDisk(),
    process: nodeProcessFacts(),
    loadModule: (path) => import(pathToFileURL(resolve(path)).href),
    network: nodeNetwork,
  };
}

/** Digests have one length, so that not even the length of the secret shows. */
function isSameSecret(pair: { readonly given: string; readonly expected: string }): boolean {
  return timingSafeEqual(digestOf(pair.given), digestOf(pair.expected));
}

function digestOf(text: string | Uint8Array): Uint8Array {
  return hash("sha256", text, "buffer");
}
