// command-line.e2e.test.ts — the first five minutes of a user: a cluster from one command, a pause that
// is seen, survives Ctrl-C and a second start, and exit codes that scripts can rely on.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import type { Exit } from "../processes/daemon-process.ts";
import { DaemonProcess } from "../processes/daemon-process.ts";
import { eventually } from "../processes/eventually.ts";
import { freeBasePort } from "../processes/free-port.ts";
import { runRogerctl } from "../processes/rogerctl.ts";

describe("rogerd cluster", () => {
  let folder = "";
  let basePort = 0;
  let cluster: DaemonProcess | undefined;
  const endpoints = () => [1, 2, 3].map((number) => `127.0.0.1:${basePort + number}`);
  const rogerctl = (...args: readonly string[]) => runRogerctl({ endpoints: endpoints(), args });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rogerd-test-"));
    basePort = await freeBasePort([1, 2, 3, 101, 102, 103]);
  });
  afterAll(async () => {
    if (cluster?.isRunning) await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<DaemonProcess> {
    const args = ["cluster", "--nodes", "3", "--data-dir", folder, "--base-port", String(basePort)];
    const started = new DaemonProcess({ args });
    onTestFailed(() => console.error(started.log()));
    await eventually("rogerctl status finds a leader", async () => {
      const { code } = await rogerctl("status");
      return code === 0 || undefined;
    });
    return started;
  }

  /** As the terminal does for Ctrl-C, to the parent; its children are in a group of their own. */
  async function pressControlC(running: DaemonProcess): Promise<Exit> {
    running.signal("SIGINT");
    return running.exited;
  }

  test("a pause is seen from a second terminal, and again after Ctrl-C and another start", async () => {
    cluster = await start();
    const paused = await rogerctl(
      "pause",
      "mail",
      "--partition",
      "acme",
      "--reason",
      "provider down",
    );
    const before = await rogerctl("paused", "--partition", "acme", "-o", "json");
    expect(await pressControlC(cluster)).toEqual({ code: 0, signal: null });
    cluster = await start();
    const after = await rogerctl("paused", "--partition", "acme", "-o", "json");

    expect(paused).toMatchObject({ code: 0 });
    const pause = {
      selector: "mail",
      by: expect.any(String),
      reason: "provider down",
      since: expect.any(String),
      until: null,
      mode: "drain",
    };
    for (const { code, stdout } of [before, after]) {
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        partition: "acme",
        revision: expect.any(Number),
        paused: [pause],
      });
    }
  });

  test("status names the leader, every member, and how many nodes may be lost", async () => {
    const { code, stdout } = await rogerctl("status", "-o", "json");

    const status = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(status).toMatchObject({
      clusterId: expect.any(String),
      term: expect.any(Number),
      canLose: 1,
    });
    expect(status.members.map((member: { name: string }) => member.name)).toEqual([
      "n1",
      "n2",
      "n3",
    ]);
    expect(["n1", "n2", "n3"]).toContain(status.leader);
  });

  test("a cancelled job is told by exit code: 0 cancelled, 3 not", async () => {
    await rogerctl("cancel", "job-1", "--partition", "acme", "--reason", "customer left");

    expect((await rogerctl("cancelled", "job-1", "--partition", "acme")).code).toBe(0);
    expect((await rogerctl("cancelled", "job-2", "--partition", "acme")).code).toBe(3);
  });

  test("questions about a partition that was never started exit with 3", async () => {
    expect((await rogerctl("paused", "--partition", "nobody")).code).toBe(3);
    expect((await rogerctl("keys", "--partition", "nobody")).code).toBe(3);
  });

  test("leadership moves on request", async () => {
    const { leader } = JSON.parse((await rogerctl("status", "-o", "json")).stdout);
    const heir = ["n1", "n2", "n3"].find((name) => name !== leader) ?? "";

    expect((await rogerctl("transfer-leader", "--to", heir)).code).toBe(0);
    await eventually(`${heir} leads`, async () => {
      const status = JSON.parse((await rogerctl("status", "-o", "json")).stdout);
      return status.leader === heir || undefined;
    });
  });

  test("a second cluster on the same ports says so and exits with 69", async () => {
    const second = new DaemonProcess({
      args: [
        "cluster",
        "--nodes",
        "3",
        "--data-dir",
        join(folder, "second"),
        "--base-port",
        String(basePort),
      ],
    });

    expect(await second.exited).toEqual({ code: 69, signal: null });
    expect(second.log()).toMatch(new RegExp(`${basePort + 1}`));
  });
});
