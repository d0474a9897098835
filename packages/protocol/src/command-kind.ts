// command-kind.ts — which commands change the state: those are asked under one number, which is kept through every retry;
// all others may be asked again at will, and of any node. Decides by name and arguments alone.
import type { Read, Write } from "@rogerd/global-state";

/** `add` or `remove`: it changes something where that argument is true (SEMANTICS §1). */
const kinds: {
  readonly [Name in Read["name"] | Write["name"]]: "read" | "write" | "add" | "remove";
} = {
  "admin.importBegin": "write",
  "admin.importEnd": "write",
  "admin.importRows": "write",
  "admin.leapTokens": "write",
  "admin.raiseFeatureLevel": "write",
  "admin.release": "write",
  "cancel.addRule": "write",
  "cancel.check": "read",
  "cancel.clear": "write",
  "cancel.mark": "write",
  "cancel.removeRule": "write",
  "executionKey.acquire": "write",
  "executionKey.release": "write",
  "executionKey.setRules": "write",
  "executionKey.withdraw": "write",
  get: "read",
  "job.finish": "write",
  "job.finishAndStart": "write",
  "job.start": "write",
  list: "read",
  "partition.drop": "write",
  "partition.list": "read",
  "partition.start": "write",
  "partition.stop": "write",
  "partition.update": "write",
  "queue.pause": "write",
  "queue.resume": "write",
  "queueKey.claim": "write",
  "queueKey.confirm": "write",
  "queueKey.extend": "write",
  "queueKey.release": "write",
  "roger.cancelJob": "write",
  "roger.isCancelled": "remove",
  "roger.isExecuting": "add",
  "roger.isQueued": "add",
  "roger.queueGetPaused": "read",
  "roger.queuePause": "write",
  "roger.queueResume": "write",
  "roger.removeExecuted": "write",
  "roger.removeQueued": "write",
  "session.close": "write",
  "session.expire": "write",
  "session.list": "read",
  "session.open": "write",
  "session.sync": "read",
  why: "read",
};

const kindOf: ReadonlyMap<string, string> = new Map(Object.entries(kinds));

/** False also of a command that is newer than this. */
export function changesState(asked: {
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
}): boolean {
  const kind = kindOf.get(asked.command) ?? "read";
  return kind === "add" || kind === "remove" ? asked.args[kind] === true : kind === "write";
}
