// node-children.ts — nodes of a cluster as child processes: each in a process group of its own, so that the
// terminal's Ctrl-C reaches only the parent, and on a channel whose end tells it that the parent is gone.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { Ended, NodeProcess } from "./surroundings.ts";

const binary = fileURLToPath(new URL("../../bin/rogerd.js", import.meta.url));

export function startNode(args: readonly string[]): NodeProcess {
  const child = spawn(process.execPath, [binary, ...args], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    detached: true,
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid,
    ended,
    stop: () => {
      child.kill("SIGTERM");
    },
    kill: () => {
      child.kill("SIGKILL");
    },
  };
}

/** By taking it for a moment. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
