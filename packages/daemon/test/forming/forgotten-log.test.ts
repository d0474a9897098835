import { describe, expect, test } from "vitest";
import { type Station, stations, until } from "../daemons.ts";

describe("a node whose disk has lost what it had acknowledged (RAFT E4)", () => {
  test("stops with 65 when its leader tells it, and so does every start after that", async () => {
    await using cluster = await stations(3);
    await cluster.startAll();
    await until("formed", () => cluster.isSettled());
    const leader = cluster.leader();
    const forgetful = cluster.all.find((each) => each !== leader);
    if (leader === undefined || forgetful === undefined) throw new Error("one of three leads");
    const before = new Uint8Array(forgetful.disk.peek(logOf(forgetful)));
    await writeMore({ leader, follower: forgetful });
    await forgetful.kill({ keep: "nothing" });
    forgetful.disk.damage({ path: logOf(forgetful), at: 0, bytes: before });

    await forgetful.start();
    await until("it finds out", () => forgetful.failure !== undefined);
    const found = forgetful.failure;
    await forgetful.kill({ keep: "nothing" });
    await forgetful.start();
    await until("it refuses", () => forgetful.failure !== undefined);

    expect(found?.exitCode).toBe(65);
    expect(found?.sentence).toMatch(/has lost writes .* rogerd recover \/data\/n\d --rejoin$/);
    expect(forgetful.failure).toEqual(found);
  });
});

function logOf({ settings }: Station): string {
  return `${settings.dataDir}/group-0/wal/0000000001.wal`;
}

/** Until the follower has more on its disk than it had, and the leader was told so. */
async function writeMore(of: { readonly leader: Station; readonly follower: Station }) {
  const { leader, follower } = of;
  const { nodeId } = follower.daemon.status();
  const acknowledged = (): number => {
    const followers = leader.daemon.status().raft?.followers ?? [];
    return followers.find(({ id }) => id === nodeId)?.matchIndex ?? 0;
  };
  const before = acknowledged();
  for (let at = 0; acknowledged() < before + 3; at += 1) await pause(leader, `queue-${at}`);
}

async function pause(station: Station, queue: string): Promise<void> {
  const { host, port } = station.daemon.endpoints().client;
  for (const [command, args] of [
    ["partition.start", {}],
    ["roger.queuePause", { queue }],
  ] as const) {
    const answer = await fetch(`http://${host}:${port}/v1/command`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ partition: "acme", command, args }),
    });
    await answer.arrayBuffer();
  }
}
