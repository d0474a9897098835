import { get } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { LogMessage } from "../../src/index.ts";
import { type Station, type Stations, stations, until } from "../daemons.ts";

const often = { stateHashEveryEntries: 4 };
const differs = "state differs from the majority";
const nobodyAgrees = "no majority agrees on the state";

describe("a node whose state differs from the majority's (DESIGN §5)", () => {
  test("stops serving, installs the majority's snapshot, and serves again", async () => {
    await using cluster = await stations(3, (settings) => ({ ...settings, ...often }));
    const n3 = cluster.station("n3");
    hashesWrongly(n3, { pattern: 0xff, until: differs });
    await cluster.startAll();
    await until("formed", () => cluster.isSettled());

    await pauseMany(cluster);
    await until("n3 notices", () => n3.said(differs).length > 0);
    await until("n3 has their snapshot", () => n3.said("snapshot installed").length > 0);
    await until("n3 is ready", () => n3.isServing);

    const others = [cluster.station("n1"), cluster.station("n2")];
    expect(others.flatMap((each) => each.said(differs))).toEqual([]);
    expect(others.flatMap((each) => each.said(nobodyAgrees))).toEqual([]);
  });

  test("remembers it over a power cut, until it has the majority's snapshot", async () => {
    await using cluster = await stations(3, (settings) => ({ ...settings, ...often }));
    const n3 = cluster.station("n3");
    hashesWrongly(n3, { pattern: 0xff, until: differs });
    await cluster.startAll();
    await until("formed", () => cluster.isSettled());
    takesNoSnapshot(n3);
    await pauseMany(cluster);
    await until("n3 has noted it", () => n3.disk.peekIfThere(noteOf(n3)) !== undefined);

    await n3.kill({ keep: "nothing" });
    takesNoSnapshot(n3);
    await n3.start();
    await until("n3 is up", () => n3.isServing);
    await until("n3 follows", () => n3.daemon.status().raft?.leaderId !== undefined);
    const remembered = await readiness(n3);
    n3.disk.watch({});
    await n3.kill({ keep: "nothing" });
    await n3.start();
    await until("n3 has their snapshot", () => n3.said("snapshot installed").length > 0);
    await until("the note is gone", () => n3.disk.peekIfThere(noteOf(n3)) === undefined);

    expect(remembered.status).toBe(503);
    expect(remembered.body).toMatch(/differs from the majority/);
    expect((await readiness(n3)).status).toBe(200);
  });
});

describe("where no hash has a majority", () => {
  test("all stop, and a start of all brings none back; where an operator decided, it leads again", async () => {
    await using cluster = await stations(3, (settings) => ({ ...settings, ...often }));
    for (const [at, each] of cluster.all.entries()) {
      hashesWrongly(each, { pattern: 0x10 + at, until: nobodyAgrees });
    }
    await cluster.startAll();
    await until("formed", () => cluster.isSettled());
    await pauseMany(cluster);
    await until("all notice", () =>
      cluster.all.every((each) => each.said(nobodyAgrees).length > 0),
    );
    await until("all noted it", () =>
      cluster.all.every((each) => each.disk.peekIfThere(noteOf(each)) !== undefined),
    );

    await Promise.all(cluster.all.map((each) => each.kill({ keep: "nothing" })));
    await cluster.startAll();
    await until("all are up", () => cluster.all.every((each) => each.isServing));
    const remembered = await Promise.all(cluster.all.map(readiness));
    await Promise.all(cluster.all.map((each) => each.kill({ keep: "nothing" })));
    const chosen = cluster.station("n2");
    await chosen.disk.remove(noteOf(chosen));
    await cluster.startAll();
    await until("it leads", () => cluster.isSettled());
    const others = cluster.all.filter((each) => each !== chosen);
    await until("the others have its state", () =>
      others.every((each) => each.disk.peekIfThere(noteOf(each)) === undefined),
    );

    expect(remembered.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(remembered[0]?.body).toMatch(/delete .*diverged.json on that one node/);
    expect(cluster.leader()).toBe(chosen);
    expect((await readiness(chosen)).status).toBe(200);
  });
});

/** Its state is not what the others have, until it is found out: every hash is another. */
function hashesWrongly(
  station: Station,
  wrong: { readonly pattern: number; readonly until: LogMessage },
): void {
  station.change = (platform) => ({
    ...platform,
    digest: (bytes) => {
      const digest = platform.digest(bytes);
      const isFoundOut = station.said(wrong.until).length > 0;
      return isFoundOut ? digest : digest.map((byte) => byte ^ wrong.pattern);
    },
  });
}

/** What is sent to it never gets as far as its disk. */
function takesNoSnapshot({ disk }: Station): void {
  disk.watch({
    before: ({ kind, path }) =>
      kind === "create" && path.includes("/snapshots/")
        ? new Promise<void>(() => undefined)
        : undefined,
  });
}

function noteOf({ settings }: Station): string {
  return `${settings.dataDir}/group-0/diverged.json`;
}

async function pauseMany(cluster: Stations): Promise<void> {
  for (let at = 0; at < 12; at += 1) {
    const leader = cluster.all.find((each) => each.daemon.status().raft?.role === "leader");
    if (leader !== undefined) await pauseAt(leader, `queue-${at}`);
  }
}

async function pauseAt(station: Station, queue: string): Promise<void> {
  const { host, port } = station.daemon.endpoints().client;
  for (const [command, args] of [
    ["partition.start", {}],
    ["roger.queuePause", { queue }],
  ] as const) {
    await fetch(`http://${host}:${port}/v1/command`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ partition: "acme", command, args }),
    });
  }
}

/** On a connection of its own: one that is kept open would be that of a run before. */
function readiness(
  station: Station,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const { host, port } = station.daemon.endpoints().client;
  return new Promise((resolve, reject) => {
    const asked = get({ host, port, path: "/readyz", agent: false }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode, body }), reject);
    });
    asked.on("error", reject);
  });
}
