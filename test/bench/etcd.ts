// etcd.ts — a local three-node etcd from PATH as a peer in the same run (`--beside etcd`).
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Etcd3 } from "etcd3";
import { eventually } from "../processes/eventually.ts";
import { freePorts } from "../processes/free-port.ts";
import type { Target } from "./target.ts";

export async function startEtcd(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), "bench-etcd-"));
  const ports = await freePorts(6);
  const nodes = [0, 1, 2].map((number) => ({
    name: `e${number}`,
    client: `http://127.0.0.1:${ports[number * 2]}`,
    peer: `http://127.0.0.1:${ports[number * 2 + 1]}`,
  }));
  const initialCluster = nodes.map(({ name, peer }) => `${name}=${peer}`).join(",");
  const children = nodes.map((node) => startNode(node, { folder, initialCluster }));
  const client = new Etcd3({ hosts: nodes.map(({ client }) => client) });
  await eventually("etcd answers a write", async () => {
    await client.put("bench").value("ready");
    return true;
  });
  return {
    name: "etcd",
    pids: children.flatMap(({ pid }) => pid ?? []),
    async acquire(key) {
      const taken = await client
        .if(key, "Version", "==", 0)
        .then(client.put(key).value("1"))
        .commit();
      if (!taken.succeeded) throw new Error(`${key} was taken`);
    },
    async release(key) {
      await client.delete().key(key);
    },
    async read(key) {
      await client.get(key);
    },
    async close() {
      client.close();
      await Promise.all(children.map(stopNode));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function startNode(
  node: { readonly name: string; readonly client: string; readonly peer: string },
  cluster: { readonly folder: string; readonly initialCluster: string },
): ChildProcess {
  const child = spawn(
    "etcd",
    [
      ...["--name", node.name, "--data-dir", join(cluster.folder, node.name)],
      ...["--listen-client-urls", node.client, "--advertise-client-urls", node.client],
      ...["--listen-peer-urls", node.peer, "--initial-advertise-peer-urls", node.peer],
      ...["--initial-cluster", cluster.initialCluster, "--initial-cluster-state", "new"],
      ...["--log-level", "error"],
    ],
    { stdio: "ignore" },
  );
  child.once("error", (problem) => console.error(`bench: etcd does not start: ${problem.message}`));
  return child;
}

function stopNode(child: ChildProcess): Promise<unknown> {
  if (child.pid === undefined || child.exitCode !== null) return Promise.resolve();
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  return ended;
}
