import { describe, expect, test } from "vitest";
import { type Stations, stations, until } from "../daemons.ts";

const nothing = { keep: "nothing" } as const;
const everything = { keep: "everything" } as const;

/** Formed, and the founder of that name starts anew with an empty directory. */
async function formedAndThenWiped(name: string): Promise<Stations> {
  const cluster = await stations(3);
  await cluster.startAll();
  await until("formed", () => cluster.isSettled());
  await cluster.station(name).kill(everything);
  cluster.station(name).wipe();
  return cluster;
}

describe("founding a cluster (DESIGN §4)", () => {
  test("the first founder waits until it is connected with all", async () => {
    await using cluster = await stations(3);
    const [n1, n2, n3] = [cluster.station("n1"), cluster.station("n2"), cluster.station("n3")];

    await n1.start();
    await n2.start();
    await until("n1 met n2", () => n1.said("founder met").length === 1);
    await until("n2 met n1", () => n2.said("founder met").length === 1);
    const waiting = [n1.daemon.status(), n2.daemon.status()];
    await n3.start();
    await until("formed", () => cluster.isSettled());

    expect(waiting.map(({ phase, clusterId }) => ({ phase, clusterId }))).toEqual([
      { phase: "forming", clusterId: undefined },
      { phase: "forming", clusterId: undefined },
    ]);
    expect(n1.said("waiting for founders").at(-1)).toMatchObject({ missing: "n3", first: "n1" });
    expect(cluster.clusterIds()).toHaveLength(1);
  });

  test("founders that were started with different lists end and show the difference", async () => {
    await using cluster = await stations(3, (settings) =>
      settings.name === "n3"
        ? { ...settings, founders: settings.founders.filter(({ name }) => name !== "n2") }
        : settings,
    );
    const [n1, n3] = [cluster.station("n1"), cluster.station("n3")];

    await cluster.startAll();
    await until("n1 and n3 end", () => n1.failure !== undefined && n3.failure !== undefined);

    expect(n1.failure).toMatchObject({ exitCode: 78 });
    expect(n1.failure?.sentence).toMatch(/n1=.*,n2=.*,n3=.*n3 with n1=[^,]*,n3=.*same --founders/);
    expect(n3.failure).toMatchObject({ exitCode: 78 });
  });

  test("a founder whose name is not on its own list ends", async () => {
    await using cluster = await stations(3, (settings) =>
      settings.name === "n2" ? { ...settings, name: "n9" } : settings,
    );
    const n9 = cluster.station("n9");

    await n9.start();
    await until("n9 ends", () => n9.failure !== undefined);

    expect(n9.failure).toMatchObject({ exitCode: 78 });
    expect(n9.failure?.sentence).toMatch(/does not name this node: add n9/);
  });

  test("a founder that finds another name at an address of the list ends", async () => {
    await using cluster = await stations(3, ({ founders, ...settings }) => ({
      ...settings,
      founders: founders.map((founder) =>
        founder.name === "n3" ? { ...founder, port: founders[1]?.port ?? 0 } : founder,
      ),
    }));
    const n1 = cluster.station("n1");

    await cluster.startAll();
    await until("n1 ends", () => n1.failure !== undefined);

    expect(n1.failure?.exitCode).toBe(78);
    expect(n1.failure?.sentence).toMatch(/says that n3 is at .*, but n2 answers there/);
  });

  test("a wiped founder neither votes nor joins: it says how to replace it", async () => {
    await using cluster = await formedAndThenWiped("n2");
    const n2 = cluster.station("n2");

    await n2.start();
    await until("n2 ends", () => n2.failure !== undefined);

    expect(n2.failure).toMatchObject({ exitCode: 78 });
    expect(n2.failure?.sentence).toMatch(/rogerctl member remove n2/);
    expect(n2.said("cluster bound")).toHaveLength(1); // of its first life only
  });

  test("a wiped first founder founds no second cluster", async () => {
    await using cluster = await formedAndThenWiped("n1");
    const n1 = cluster.station("n1");

    await n1.start();
    await until("n1 ends", () => n1.failure !== undefined);

    expect(n1.failure?.sentence).toMatch(/rogerctl member remove n1/);
    expect(n1.said("cluster founded")).toHaveLength(1); // of its first life only
    expect(cluster.clusterIds()).toHaveLength(1);
  });

  test("a first founder that loses its disk before anyone has the first entry says which directories to empty", async () => {
    await using cluster = await stations(3);
    const [n1, n2, n3] = [cluster.station("n1"), cluster.station("n2"), cluster.station("n3")];
    // Bound, and gone before the log was made: as a founder killed right after its binding.
    const dies = [n2, n3].map((station) => diesAfterBinding(station));
    await cluster.startAll();
    await Promise.all(dies);
    await n1.kill(everything);
    n1.wipe();

    await cluster.startAll();
    await until("n1 ends", () => n1.failure !== undefined);
    const said = "first founder came back without its data";
    await until("n2 says it", () => n2.said(said).length > 0 && n3.said(said).length > 0);

    expect(n1.failure?.exitCode).toBe(78);
    expect(n1.failure?.sentence).toMatch(
      /n2, n3 are bound to cluster .* empty the data directories of n2, n3/,
    );
    expect(n2.said(said)).toHaveLength(1);
    expect(n2.said(said)[0]?.["says"]).toMatch(/empty \/data\/n2 here/);
  });

  test("nobody is told of the cluster while its founding is not complete on the first founder's disk", async () => {
    await using cluster = await stations(3);
    const [n1, n2] = [cluster.station("n1"), cluster.station("n2")];
    let isHanging = false;
    let dialsSince = 0;
    n1.disk.watch({
      before: ({ kind, path }) => {
        isHanging ||= kind === "remove" && path.endsWith("/founding.json");
        return isHanging ? new Promise<void>(() => undefined) : undefined;
      },
    });
    n2.change = (platform) => ({
      ...platform,
      network: {
        ...platform.network,
        dial: (dial, listener) => {
          if (isHanging) dialsSince += 1;
          return platform.network.dial(dial, listener);
        },
      },
    });

    await cluster.startAll();
    await until("n2 asked again and again", () => dialsSince > 4);
    const told = [...n2.said("cluster bound"), ...cluster.station("n3").said("cluster bound")];
    await n1.kill(nothing);
    await n1.start();
    await until("formed", () => cluster.isSettled());

    expect(told).toEqual([]);
    expect(cluster.clusterIds()).toHaveLength(1);
  });

  test("once a directory is bound, another list is a warning", async () => {
    await using cluster = await stations(3);
    await cluster.startAll();
    await until("formed", () => cluster.isSettled());
    const n2 = cluster.station("n2");

    await n2.stop();
    n2.settings = { ...n2.settings, founders: n2.settings.founders.slice(0, 2) };
    await n2.start();
    await until("settled again", () => cluster.isSettled());

    expect(n2.said("founders differ from those this directory was formed with")).toHaveLength(1);
    expect(n2.failure).toBeUndefined();
  });
});

/** Dies at the first operation on its log: what it was told is bound and synced, nothing else is there. */
async function diesAfterBinding(station: ReturnType<Stations["station"]>): Promise<void> {
  const { disk } = station;
  await new Promise<void>((resolve) => {
    let isDead = false;
    disk.watch({
      before: ({ path }) => {
        if (!isDead && path.includes("/group-0")) {
          isDead = true;
          void station.kill(nothing).then(resolve);
        }
        return isDead ? new Promise<void>(() => undefined) : undefined;
      },
    });
  });
}
