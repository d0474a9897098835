// yardstick.ts — starts the yardstick's three processes and speaks to them like a client would:
// one frame per turn. Its reads take the same path as its writes, so only its writes are a ceiling.
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Packr, Unpackr } from "msgpackr";
import { WebSocket } from "ws";
import type { Target } from "./target.ts";

const program = fileURLToPath(new URL("yardstick-node.js", import.meta.url));

async function startNode(args: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(program, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the yardstick's node ended with ${code}`)));
    child.stdout?.once("data", (text: Buffer) => resolve(Number(text.toString())));
  });
  return { child, port };
}

export async function startYardstick(): Promise<Target> {
  const folders = await Promise.all([1, 2, 3].map(() => mkdtemp(join(tmpdir(), "yardstick-"))));
  const [first = "", second = "", third = ""] = folders;
  const followers = await Promise.all(
    [second, third].map((folder) => startNode(["follower", folder])),
  );
  const leader = await startNode(["leader", first, ...followers.map(({ port }) => String(port))]);
  const socket = new WebSocket(`ws://127.0.0.1:${leader.port}`, { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const call = callsOver(socket);
  const children = [leader, ...followers].map(({ child }) => child);
  return {
    name: "yardstick",
    pids: children.flatMap(({ pid }) => pid ?? []),
    acquire: (key) => call("acquire", key),
    release: (key) => call("release", key),
    read: (key) => call("read", key),
    async close() {
      socket.terminate();
      await Promise.all(
        children.map((child) => {
          const ended = new Promise((resolve) => child.once("exit", resolve));
          child.disconnect();
          return ended;
        }),
      );
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

function callsOver(socket: WebSocket): (kind: string, key: string) => Promise<void> {
  const packr = new Packr({ useRecords: false });
  const unpackr = new Unpackr({ useRecords: false });
  const open = new Map<number, () => void>();
  let lastId = 0;
  let turn: [number, string, string][] = [];
  socket.on("message", (bytes: Buffer) => {
    for (const [id] of unpackr.unpack(bytes) as readonly (readonly [number, boolean])[]) {
      open.get(id)?.();
      open.delete(id);
    }
  });
  return (kind, key) =>
    new Promise((resolve) => {
      lastId += 1;
      open.set(lastId, resolve);
      turn.push([lastId, kind, key]);
      if (turn.length > 1) return;
      queueMicrotask(() => {
        socket.send(packr.pack(turn));
        turn = [];
      });
    });
}
