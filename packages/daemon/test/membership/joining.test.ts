// Nodes that join a cluster that exists: with a secret, once, and nothing before it is committed.
import { describe, expect, test } from "vitest";
import { freePorts } from "../../../../test/processes/free-port.ts";
import { type Settings } from "../../src/index.ts";
import { Station, type Stations, stations, until } from "../daemons.ts";

interface Answer {
  readonly changed: boolean;
  readonly reason?: string;
  readonly secret?: string;
}

async function ask(cluster: Stations, action: string, body: object): Promise<Answer> {
  const { host, port } = leaderOf(cluster).daemon.endpoints().client;
  const response = await fetch(`http://${host}:${port}/v1/admin/member/${action}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return JSON.parse(text);
}

/** Until it is no longer refused because the node has not caught up, as an operator would. */
async function insist(cluster: Stations, action: string, body: object): Promise<Answer> {
  for (let times = 0; ; times++) {
    const answer = await ask(cluster, action, body);
    if (answer.reason !== "not-caught-up" || times === 200) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function leaderOf(cluster: Stations): Station {
  const leader = cluster.leader();
  if (leader === undefined) throw new Error("nobody leads");
  return leader;
}

async function aCluster(count: number): Promise<Stations> {
  // Longer than this process is kept waiting on a machine at work: nobody is asked who has just ceased to lead.
  const cluster = await stations(count, ({ raft, ...settings }) => ({
    ...settings,
    raft: { ...raft, electionTimeoutMs: 500 },
  }));
  await cluster.startAll();
  await until("all serve and know the leader", () => cluster.isSettled());
  return cluster;
}

interface Invited {
  readonly station: Station;
  readonly settings: Settings;
}

/** Invited, and not started yet. It asks a follower, if there is one. */
async function anInvited(cluster: Stations, name: string): Promise<Invited> {
  const [peer = 0, client = 0] = await freePorts(2);
  const { secret } = await ask(cluster, "add", {
    name,
    peer: `127.0.0.1:${peer}`,
    client: `127.0.0.1:${client}`,
  });
  const asked = cluster.all.find((each) => each !== cluster.leader()) ?? leaderOf(cluster);
  const settings: Settings = {
    ...asked.settings,
    name,
    dataDir: `/data/${name}`,
    founders: [],
    listenPeer: { host: "127.0.0.1", port: peer },
    listenClient: { host: "127.0.0.1", port: client },
    join: asked.daemon.endpoints().peer,
    joinSecret: secret,
  };
  return { station: new Station(settings), settings };
}

const addressesOf = ({ settings: { listenClient, listenPeer } }: Station) => ({
  peer: `127.0.0.1:${listenPeer.port}`,
  client: `127.0.0.1:${listenClient.port}`,
});

const configurationOf = (cluster: Stations) =>
  leaderOf(cluster).daemon.status().raft?.configuration;
const names = (cluster: Stations, part: "voters" | "learners"): readonly string[] => {
  const configuration = configurationOf(cluster);
  const members = configuration?.members ?? [];
  return members
    .filter(({ id }) => configuration?.[part].includes(id))
    .map(({ name }) => name)
    .sort();
};

const hasAll = (cluster: Stations, station: Station): boolean => {
  const last = leaderOf(cluster).daemon.status().raft?.commitIndex;
  return station.daemon.status().raft?.appliedIndex === last;
};

describe("a node that was invited", () => {
  test("is let in as a learner, receives the log, and votes once it is promoted", async () => {
    await using cluster = await aCluster(3);
    const { station } = await anInvited(cluster, "n4");

    await station.start();
    await until("n4 serves and has the log", () => station.isServing && hasAll(cluster, station));
    const learners = names(cluster, "learners");
    const promoted = await insist(cluster, "promote", { name: "n4" });

    expect(learners).toEqual(["n4"]);
    expect(promoted.changed).toBe(true);
    expect(names(cluster, "voters")).toEqual(["n1", "n2", "n3", "n4"]);
    expect(station.daemon.status().clusterId).toBe(cluster.clusterIds()[0]);
    await station.stop();
  });

  test("can't be promoted before it has come", async () => {
    await using cluster = await aCluster(3);
    await anInvited(cluster, "n4");

    const promoted = await ask(cluster, "promote", { name: "n4" });

    expect(promoted).toMatchObject({ changed: false, reason: "not-caught-up" });
  });

  test("comes back as the same member after it was killed, with the same settings", async () => {
    await using cluster = await aCluster(1);
    const { station } = await anInvited(cluster, "n2");
    await station.start();
    await until("n2 has the log", () => station.isServing && hasAll(cluster, station));
    const { nodeId } = station.daemon.status();

    await station.kill({ keep: "nothing" });
    await station.start();
    await until("n2 has the log again", () => station.isServing && hasAll(cluster, station));

    expect(station.daemon.status().nodeId).toBe(nodeId);
    expect(names(cluster, "learners")).toEqual(["n2"]);
    expect(station.said("join is not read: the directory belongs to a cluster")).toHaveLength(1);
    expect(station.said("the join secret is of another cluster")).toEqual([]);
    await station.stop();
  });

  test("stays in its cluster when it is started to join another one, and warns of that", async () => {
    await using cluster = await aCluster(1);
    await using other = await aCluster(1);
    const { station } = await anInvited(cluster, "n2");
    await station.start();
    await until("n2 has the log", () => station.isServing && hasAll(cluster, station));
    await station.stop();
    const { settings } = await anInvited(other, "n2");
    const { join, joinSecret } = settings;
    station.settings = { ...station.settings, join, joinSecret };

    await station.start();
    await until("n2 warns", () => station.said("the join secret is of another cluster").length > 0);
    await until("n2 has the log again", () => station.isServing && hasAll(cluster, station));

    expect(station.daemon.status().clusterId).toBe(cluster.clusterIds()[0]);
    expect(other.leader()?.said("node joined")).toEqual([]);
    await station.stop();
  });

  test("is let in though the answer was lost, and it had to ask again", async () => {
    await using cluster = await aCluster(1);
    const { station } = await anInvited(cluster, "n2");
    // Its own id is on disk, synced. Its next rename would bind it to the cluster: there it dies.
    let renames = 0;
    let hasDied = (): void => undefined;
    const death = new Promise<void>((resolve) => {
      hasDied = resolve;
    });
    station.disk.watch({
      before: ({ kind }) => {
        if (kind === "rename") renames += 1;
        if (renames < 2) return undefined;
        if (renames === 2) void station.kill({ keep: "nothing" }).then(hasDied);
        return new Promise<void>(() => undefined);
      },
    });
    await station.start();
    await death;
    const letIn = configurationOf(cluster)?.removed.length;

    await station.start();
    await until("n2 has the log", () => station.isServing && hasAll(cluster, station));

    expect(letIn).toBe(1);
    expect(station.failure).toBeUndefined();
    expect(names(cluster, "learners")).toEqual(["n2"]);
    await station.stop();
  });

  test("can't come a second time: a secret lets one data directory in", async () => {
    await using cluster = await aCluster(1);
    const { station } = await anInvited(cluster, "n2");
    await station.start();
    await until("n2 has the log", () => station.isServing && hasAll(cluster, station));
    await station.kill({ keep: "nothing" });
    station.wipe();

    await station.start();
    await until("n2 is refused", () => station.failure !== undefined);

    expect(station.failure).toMatchObject({ exitCode: 78 });
    const { peer, client } = addressesOf(station);
    expect(station.failure?.sentence).toBe(
      "n2 is not let in: its join secret was used, or withdrawn: if the member n2 that is there is gone for good, " +
        `run rogerctl member remove n2 and rogerctl member add n2 --peer ${peer} --client ${client}, ` +
        "and start it with the new secret; if it lives, choose another --name.",
    );
    expect(names(cluster, "learners")).toEqual(["n2"]);
  });

  test.each([
    [
      "with a secret that nobody gave out",
      { joinSecret: "0".repeat(64) },
      "rogerctl member add n2",
    ],
    ["under another name", { name: "n9" }, "--name n2"],
  ] as const)("%s is refused, and exits 78", async (_, wrong, words) => {
    await using cluster = await aCluster(1);
    const { station } = await anInvited(cluster, "n2");
    station.settings = { ...station.settings, ...wrong };

    await station.start();
    await until("it is refused", () => station.failure !== undefined);

    expect(station.failure).toMatchObject({ exitCode: 78 });
    expect(station.failure?.sentence).toContain(words);
    expect(station.disk).toBeDefined();
  });

  test("without the peers' secret is refused", async () => {
    const cluster = await stations(1, (settings) => ({ ...settings, peerSecret: "among us" }));
    await using _ = cluster;
    await cluster.startAll();
    await until("n1 leads", () => cluster.leader() !== undefined);
    const { station } = await anInvited(cluster, "n2");
    station.settings = { ...station.settings, peerSecret: "guessed" };

    await station.start();
    await until("it is refused", () => station.failure !== undefined);

    expect(station.failure?.sentence).toMatch(
      /peer secret is not that of cluster [0-9a-f]{32}: .*--peer-secret-file/,
    );
  });

  test("is told which cluster it asked when that is not the one that invited it", async () => {
    await using cluster = await aCluster(1);
    await using other = await aCluster(1);
    const { station } = await anInvited(cluster, "n2");
    station.settings = { ...station.settings, join: leaderOf(other).daemon.endpoints().peer };

    await station.start();
    await until("it is refused", () => station.failure !== undefined);

    const [asked] = other.clusterIds();
    expect(station.failure).toMatchObject({ exitCode: 78 });
    expect(station.failure?.sentence).toContain(
      `nobody was invited to cluster ${asked} with its join secret. If it is to join another cluster, name a member of that one in --join.`,
    );
  });

  test.each(["where nobody listens", "at a client port"] as const)(
    "that asks %s warns of what it tried, once",
    async (where) => {
      await using cluster = await aCluster(1);
      const { station } = await anInvited(cluster, "n2");
      const [port = 0] = await freePorts(1);
      const nowhere = { host: "127.0.0.1", port };
      const join =
        where === "at a client port" ? leaderOf(cluster).daemon.endpoints().client : nowhere;
      station.settings = { ...station.settings, join };

      let dials = 0;
      station.change = ({ network, ...platform }) => ({
        ...platform,
        network: {
          listen: (port, listener) => network.listen(port, listener),
          dial: (dial, listener) => {
            dials += 1;
            return network.dial(dial, listener);
          },
        },
      });

      await station.start();
      await until("it has tried again", () => dials > 2);

      const told = station.said("waiting to be let in");
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({
        level: "warn",
        tried: `ws://127.0.0.1:${join.port}`,
        cause: expect.stringMatching(where === "at a client port" ? /response: 4/ : /ECONNREFUSED/),
        says: expect.stringContaining("PEERS"),
      });
      await station.stop();
    },
  );

  test("waits for a member that is not there yet", async () => {
    await using cluster = await aCluster(1);
    const n1 = leaderOf(cluster);
    const { station } = await anInvited(cluster, "n2");
    await n1.stop();

    await station.start();
    await until("n2 waits", () => station.said("waiting to be let in").length > 0);
    await n1.start();
    await until("n1 leads", () => cluster.leader() === n1);
    await until("n2 has the log", () => station.isServing && hasAll(cluster, station));

    expect(names(cluster, "learners")).toEqual(["n2"]);
    await station.stop();
  });

  test("stops in order while it waits to be let in", async () => {
    await using cluster = await aCluster(1);
    const { station } = await anInvited(cluster, "n2");
    await leaderOf(cluster).stop();
    await station.start();

    await station.stop();

    expect(station.said("daemon stopped")).toHaveLength(1);
  });
});

describe("members", () => {
  test("are replaced one by one, until none of the first is left", async () => {
    await using cluster = await aCluster(3);
    const { clusterId } = leaderOf(cluster).daemon.status();
    const all: Station[] = [...cluster.all];
    const view: Stations = {
      ...cluster,
      all,
      leader: () =>
        all.find((each) => each.isServing && each.daemon.status().raft?.hasAppliedOwnTerm === true),
    };
    for (const [gone, come] of [
      ["n1", "n4"],
      ["n2", "n5"],
      ["n3", "n6"],
    ] as const) {
      const { station } = await anInvited(view, come);
      await station.start();
      all.push(station);
      await until(`${come} has the log`, () => station.isServing && hasAll(view, station));
      const replaced = await insist(view, "replace", { name: gone, by: come });
      expect(replaced.changed).toBe(true);
      const old = all.splice(
        all.findIndex(({ name }) => name === gone),
        1,
      );
      await until("one leads", () => view.leader() !== undefined);
      for (const each of old) await each.stop();
    }

    await until("one of the new leads", () => view.leader() !== undefined);
    expect(names(view, "voters")).toEqual(["n4", "n5", "n6"]);
    expect(leaderOf(view).daemon.status().clusterId).toBe(clusterId);
    for (const each of all) await each.stop();
  });
});
