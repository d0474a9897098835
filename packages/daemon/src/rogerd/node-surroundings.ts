// node-surroundings.ts — this machine for rogerd: streams, files, signals, questions. What takes time to
// load is loaded by the command that needs it.
import { randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  foreseeNewCluster,
  foreseeRejoin,
  foreseeTailLoss,
  inspectFolder,
  NodeDisk,
  nodeId,
  nodeProcessFacts,
  type RecoveryReport,
  recoverAcceptTailLoss,
  recoverForceNewCluster,
  recoverRejoin,
} from "@rogerd/raft";
import { confirmOnTerminal, exchangeOverHttp } from "../rogerctl/node-surroundings.ts";
import type { ReadText } from "../settings/load-settings.ts";
import { daemonVersion } from "../version.ts";
import { isPortFree, startNode } from "./node-children.ts";
import type { FolderRecovery, StopWish, Surroundings } from "./surroundings.ts";

export function nodeSurroundings(): Surroundings {
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    say: (line) => {
      process.stderr.write(`${line}\n`);
    },
    environment: process.env,
    version: daemonVersion,
    nodeVersion: process.version,
    readText,
    isFolder: async (path) => {
      const found = await stat(path).catch(() => undefined);
      return found?.isDirectory() ?? false;
    },
    fileInTheWay,
    writeText,
    joined: (folder, name) => join(folder, name),
    sleep: async (durationMs) => {
      await delay(durationMs);
    },
    exchange: exchangeOverHttp,
    confirm: confirmOnTerminal,
    onStopWish,
    openLog: async (of) => {
      const { openNodeLog } = await import("./node-log.ts");
      return openNodeLog(of);
    },
    startDaemon: async (parts) => {
      const { startDaemon } = await import("../daemon.ts");
      const { nodePlatform } = await import("../node-platform.ts");
      return startDaemon({ ...parts, platform: nodePlatform() });
    },
    inspectFolder: (directory) =>
      inspectFolder({ disk: new NodeDisk(), directory, process: nodeProcessFacts() }),
    recoverFolder: (asked) => recoverFolder(asked),
    foreseeRecovery: async ({ directory, way }) => {
      if (way === "force-new-cluster") return foreseeNewCluster(offline(directory));
      if (way === "accept-tail-loss") return foreseeTailLoss(offline(directory));
      return foreseeRejoin(offline(directory));
    },
    startNode,
    isPortFree,
  };
}

function offline(directory: string): Parameters<typeof foreseeTailLoss>[0] {
  return { disk: new NodeDisk(), directory, process: nodeProcessFacts() };
}

async function recoverFolder({ directory, way }: FolderRecovery): Promise<RecoveryReport> {
  const folder = offline(directory);
  const id = randomBytes(16).toString("hex");
  switch (way) {
    case "rejoin":
      return recoverRejoin({ ...folder, newNodeId: nodeId(id) });
    case "accept-tail-loss":
      return recoverAcceptTailLoss(await asNewCluster(folder, id));
    case "force-new-cluster":
      return recoverForceNewCluster(await asNewCluster(folder, id));
  }
}

async function asNewCluster(
  folder: ReturnType<typeof offline>,
  newClusterId: string,
): Promise<Parameters<typeof recoverForceNewCluster>[0]> {
  return { ...folder, newClusterId, firstCommand: await tokenLeapEntry() };
}

/** Nobody knows which tokens were given in what is lost; its log time is never later than what the log has. */
async function tokenLeapEntry(): Promise<Uint8Array> {
  const { encodeEntry } = await import("../state/command-codec.ts");
  const { logTimeMs } = await import("@rogerd/global-state");
  const write = { name: "admin.leapTokens", args: {} } as const;
  const submissions = [{ origin: { kind: "none" }, write }] as const;
  return encodeEntry({ logTime: logTimeMs(0), wallMs: Date.now(), submissions });
}

async function readText(path: string): Promise<ReadText> {
  try {
    return { kind: "text", text: await readFile(path, "utf8") };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isMissing = "code" in error && error.code === "ENOENT";
    return isMissing ? { kind: "missing" } : { kind: "unreadable", reason: error.message };
  }
}

async function writeText(path: string, text: string): Promise<string | undefined> {
  try {
    await new NodeDisk().makeDirectory(dirname(path));
    await writeFile(path, text);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return error.message;
  }
}

async function fileInTheWay(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() ? undefined : path;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isUnderFile = "code" in error && error.code === "ENOTDIR";
    return isUnderFile ? fileInTheWay(dirname(path)) : undefined;
  }
}

const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const satisfies readonly NodeJS.Signals[];

/**
 * A child of `rogerd cluster` has a channel: it ignores SIGINT, which is the parent's to hear, and takes the
 * channel's end for its own signal.
 */
function onStopWish(wish: StopWish): void {
  const isChild = process.connected;
  let isWished = false;
  const stop = (cause: string): void => {
    if (isWished) return;
    isWished = true;
    wish.stop(cause);
  };
  for (const signal of signals) {
    process.on(signal, () => {
      if (isChild && signal === "SIGINT") return;
      if (!isWished) {
        stop(signal);
        return;
      }
      wish.endAtOnce();
      for (const each of signals) process.removeAllListeners(each);
      process.kill(process.pid, signal);
    });
  }
  if (isChild) process.once("disconnect", () => stop("the channel closed"));
}
