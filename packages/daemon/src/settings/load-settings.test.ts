import { describe, expect, test } from "vitest";
import { loadSettings, type ReadText, type SettingsWorld } from "./load-settings.ts";
import { type SettingName, settingNames } from "./setting-forms.ts";
import { defaultSettings, type Settings } from "./settings.ts";

interface Written {
  readonly flags?: Partial<Record<SettingName, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly configFile?: string;
  readonly files?: Readonly<Record<string, string>>;
}

function world({ flags = {}, environment = {}, configFile, files = {} }: Written): SettingsWorld {
  const readText = (path: string): Promise<ReadText> => {
    const text = files[path];
    const read: ReadText = text === undefined ? { kind: "missing" } : { kind: "text", text };
    return Promise.resolve(read);
  };
  const given = new Map(
    settingNames.flatMap((name) => (name in flags ? [[name, flags[name]] as const] : [])),
  );
  return { flags: given, configFile, environment, readText };
}

async function loaded(written: Written): Promise<Settings> {
  const outcome = await loadSettings(world(written));
  if (outcome.kind === "wrong") throw new Error(outcome.problems.join("\n"));
  return outcome.settings;
}

async function problems(written: Written): Promise<readonly string[]> {
  const outcome = await loadSettings(world(written));
  return outcome.kind === "wrong" ? outcome.problems : [];
}

describe("where a setting comes from", () => {
  test("without anything given the defaults hold", async () => {
    expect(await loaded({})).toEqual(defaultSettings);
  });

  test("a flag wins over the environment, that over the file, that over the default, each setting by itself", async () => {
    const outcome = await loadSettings(
      world({
        flags: { name: "from-flag" },
        environment: { ROGERD_NAME: "from-environment", ROGERD_DATA_DIR: "from-environment" },
        configFile: "rogerd.yaml",
        files: { "rogerd.yaml": "name: from-file\ndata-dir: from-file\nlog-level: debug\n" },
      }),
    );

    if (outcome.kind === "wrong") throw new Error(outcome.problems.join("\n"));
    const { name, dataDir, logLevel, listenClient } = outcome.settings;
    expect({ name, dataDir, logLevel, listenClient }).toEqual({
      name: "from-flag",
      dataDir: "from-environment",
      logLevel: "debug",
      listenClient: defaultSettings.listenClient,
    });
    const sources = ["name", "data-dir", "log-level", "listen-client"] as const;
    expect(sources.map((setting) => outcome.sources.get(setting))).toEqual([
      "flag",
      "environment",
      "file",
      "default",
    ]);
  });

  test("the file is named by the flag, or else by ROGERD_CONFIG", async () => {
    const files = { "a.yaml": "name: a", "b.yaml": "name: b" };

    expect((await loaded({ files, environment: { ROGERD_CONFIG: "b.yaml" } })).name).toBe("b");
    const both = { files, configFile: "a.yaml", environment: { ROGERD_CONFIG: "b.yaml" } };
    expect((await loaded(both)).name).toBe("a");
  });

  test("an empty variable is none, and a variable that is no setting is only mentioned", async () => {
    const outcome = await loadSettings(
      world({ environment: { ROGERD_NAME: "", ROGERD_SERVICE_HOST: "10.0.0.1", OTHER: "x" } }),
    );

    expect(outcome).toMatchObject({
      kind: "loaded",
      settings: { name: "n1" },
      unusedVariables: ["ROGERD_SERVICE_HOST"],
    });
  });
});

describe("the forms of values", () => {
  test("every setting can be written in a file, numbers and lists as YAML has them", async () => {
    const file = `
name: n2
data-dir: /var/lib/rogerd
log-level: warn
listen-client: "[::1]:7402"
advertise-client: queue.example.org:7402
listen-peer: 127.0.0.1:0
advertise-peer: "[fe80::1]:7502"
founders: { n1: 10.0.0.1:7501, n2: 10.0.0.2:7501 }
credential: open sesame
peer-secret-file: /run/secrets/peers
insecure: false
allow-origin: [https://a.example.org, https://b.example.org]
allow-host: queue.example.org
persister: ./mine.js
snapshot-every-bytes: 32MiB
snapshot-every-entries: 5000
trailing-entries: 100
state-hash-every-entries: 0
wal-segment-bytes: 64KiB
disk-reserve-bytes: 1GiB
heartbeat-ms: 20
election-timeout-ms: 100
disk-stall-timeout-ms: 5000
`;

    const settings = await loaded({
      configFile: "f",
      files: { f: file, "/run/secrets/peers": "among us\n" },
    });

    expect(settings).toEqual({
      name: "n2",
      dataDir: "/var/lib/rogerd",
      logLevel: "warn",
      listenClient: { host: "::1", port: 7402 },
      advertiseClient: "queue.example.org:7402",
      listenPeer: { host: "127.0.0.1", port: 0 },
      advertisePeer: "[fe80::1]:7502",
      founders: [
        { name: "n1", host: "10.0.0.1", port: 7501 },
        { name: "n2", host: "10.0.0.2", port: 7501 },
      ],
      credential: "open sesame",
      peerSecret: "among us",
      insecure: false,
      allowOrigins: ["https://a.example.org", "https://b.example.org"],
      allowHosts: ["localhost", "queue.example.org"],
      persister: "./mine.js",
      raft: {
        heartbeatMs: 20,
        electionTimeoutMs: 100,
        diskStallTimeoutMs: 5000,
        snapshotEveryBytes: 32 * 1024 * 1024,
        snapshotEveryEntries: 5000,
        trailingEntries: 100,
      },
      stateHashEveryEntries: 0,
      walSegmentBytes: 65_536,
      diskReserveBytes: 1024 ** 3,
    });
  });

  test("flags and variables are text: lists have commas or are repeated, a switch is true or false", async () => {
    const settings = await loaded({
      flags: {
        founders: "n1=127.0.0.1:7501,n2=[::1]:7502",
        "allow-origin": ["https://a", "https://b,https://c"],
        insecure: true,
        "heartbeat-ms": "20",
      },
      environment: { ROGERD_ALLOW_HOST: "a, b", ROGERD_TRAILING_ENTRIES: "7" },
    });

    expect(settings).toMatchObject({
      founders: [
        { name: "n1", host: "127.0.0.1", port: 7501 },
        { name: "n2", host: "::1", port: 7502 },
      ],
      allowOrigins: ["https://a", "https://b", "https://c"],
      allowHosts: ["localhost", "a", "b"],
      insecure: true,
      raft: { heartbeatMs: 20, trailingEntries: 7 },
    });
  });
});

describe("errors", () => {
  test("all errors of flags, environment, file and secrets are told at once, each with its place and what would be right", async () => {
    const found = await problems({
      flags: { "listen-client": "7401", "credential-file": "/run/none" },
      environment: { ROGERD_HEARTBEAT_MS: "fast" },
      configFile: "rogerd.yaml",
      files: { "rogerd.yaml": "name: n 1\nwalSegmentBytes: 1\nsnapshots: 3\nfounders: n1\n" },
    });

    expect(found).toEqual([
      '--listen-client: must be host:port, as 127.0.0.1:7401 or [::1]:7401, not "7401"',
      'ROGERD_HEARTBEAT_MS: must be a whole number from 1 to 60000, not "fast"',
      'rogerd.yaml: name: must be a name of letters, digits, dots, dashes and underscores, at most 63, not "n 1"',
      'rogerd.yaml: founders: must be n1=host:port,n2=host:port, or a map of names to host:port, not "n1"',
      "rogerd.yaml: walSegmentBytes: is no setting; did you mean wal-segment-bytes?",
      "rogerd.yaml: snapshots: is no setting",
      "--credential-file: /run/none does not exist",
    ]);
  });

  test("settings that do not fit together are told beside those that are wrong, but not because of them", async () => {
    const found = await problems({
      flags: {
        "listen-client": "10.0.0.5:7401",
        "credential-file": "/run/none",
        "listen-peer": "10.0.0.5:7501",
        "heartbeat-ms": "x",
        "election-timeout-ms": "20",
      },
    });

    expect(found).toEqual([
      '--heartbeat-ms: must be a whole number from 1 to 60000, not "x"',
      "--credential-file: /run/none does not exist",
      "--listen-peer: others can reach 10.0.0.5:7501; give peer-secret-file, or spell out insecure",
    ]);
  });

  test("a wrong value is an error even where a better source covers it", async () => {
    const found = await problems({
      flags: { name: "n1" },
      configFile: "f",
      files: { f: "name: [1]" },
    });

    expect(found).toHaveLength(1);
  });

  test("a file that is missing, is no YAML, or is no map refuses", async () => {
    expect(await problems({ configFile: "none.yaml" })).toEqual(["none.yaml: does not exist"]);
    const [broken] = await problems({ configFile: "f", files: { f: "name: n1\nfounders: [a" } });
    expect(broken).toMatch(/^f: line 2: /);
    expect(await problems({ configFile: "f", files: { f: "- name" } })).toEqual([
      "f: must be a map of settings, as name: n1",
    ]);
  });

  test("a secret is given once, as text or as a file that is not empty", async () => {
    const files = { empty: " \n", full: "secret" };
    const both = { flags: { "credential-file": "full" }, environment: { ROGERD_CREDENTIAL: "s" } };

    expect(await problems({ ...both, files })).toEqual([
      "ROGERD_CREDENTIAL: is given beside credential-file; only one of the two may be",
    ]);
    expect(await problems({ flags: { "peer-secret-file": "empty" }, files })).toEqual([
      "--peer-secret-file: empty is empty",
    ]);
  });
});

describe("settings that must fit together", () => {
  test("an address that others can reach wants credentials, or the operator's spelled-out word", async () => {
    const open = { "listen-client": "10.0.0.5:7401", "listen-peer": "queue.internal:7501" };

    expect(await problems({ flags: open })).toEqual([
      "--listen-client: others can reach 10.0.0.5:7401; give credential-file, or spell out insecure",
      "--listen-peer: others can reach queue.internal:7501; give peer-secret-file, or spell out insecure",
    ]);
    expect(await problems({ flags: { ...open, insecure: true } })).toEqual([]);
    const environment = { ROGERD_CREDENTIAL: "a", ROGERD_PEER_SECRET: "b" };
    expect(await problems({ flags: open, environment })).toEqual([]);
  });

  test("loopback needs no credentials", async () => {
    const flags = { "listen-client": "localhost:1", "listen-peer": "[::1]:2" };

    expect(await problems({ flags })).toEqual([]);
  });

  test("who listens everywhere says under which address it is found", async () => {
    const found = await problems({ flags: { "listen-client": "0.0.0.0:7401", insecure: true } });

    expect(found).toEqual([
      "--advertise-client: is needed, as host:port, because nobody can be sent to 0.0.0.0:7401",
    ]);
  });

  test("clients and peers have a port each", async () => {
    const said = "has the port of listen-client";
    const same = (client: string, peer: string) =>
      problems({ flags: { "listen-client": client, "listen-peer": peer, insecure: true } });

    expect(await same("127.0.0.1:7401", "127.0.0.1:7401")).toEqual([
      `--listen-peer: ${said}, 127.0.0.1:7401; peers need a port of their own`,
    ]);
    expect(await problems({ flags: { "listen-client": "127.0.0.1:7501" } })).toEqual([
      `--listen-peer: ${said}, 127.0.0.1:7501; peers need a port of their own`,
    ]);
    expect(await same("localhost:7401", "127.0.0.1:7401")).toHaveLength(1);
    expect((await same("0.0.0.0:7401", "10.0.0.1:7401"))[0]).toContain(said);
    expect(await same("127.0.0.1:0", "127.0.0.1:0")).toEqual([]);
    expect(await same("10.0.0.1:7401", "10.0.0.2:7401")).toEqual([]);
    const advertised = { "advertise-client": "n1:7401", "advertise-peer": "n1:7401" };
    expect(await problems({ flags: advertised })).toEqual([
      "--advertise-peer: is the same as advertise-client, n1:7401; nodes and clients are found at different ports",
    ]);
  });

  test("founders are different from each other, and this node is one of them", async () => {
    const found = await problems({
      environment: { ROGERD_NAME: "n4" },
      flags: { founders: "n1=127.0.0.1:1,n1=127.0.0.1:1" },
    });

    expect(found).toEqual([
      "--founders: each name may stand there once",
      "--founders: each address may stand there once",
      "ROGERD_NAME: n4 is not among the founders n1, n1; every founder lists itself too",
    ]);
  });

  test("a cluster is formed with founders or joined with a secret, never both, never half", async () => {
    const files = { secret: "5ec2e7\n" };
    const join = "10.0.0.1:7501";
    const founders = "n1=127.0.0.1:1";

    expect(await loaded({ files, flags: { join, "join-secret-file": "secret" } })).toMatchObject({
      join: { host: "10.0.0.1", port: 7501 },
      joinSecret: "5ec2e7",
    });
    expect(
      await problems({ files, flags: { join, founders, "join-secret-file": "secret" } }),
    ).toEqual(["--join: is given beside founders; a node forms a cluster or joins one"]);
    expect(await problems({ flags: { join } })).toEqual([
      "--join: needs join-secret-file, with what rogerctl member add printed",
    ]);
    expect(await problems({ files, flags: { "join-secret-file": "secret" } })).toEqual([
      "--join: is needed beside join-secret-file: the peer address of a member",
    ]);
    expect(await problems({ flags: { join, "join-secret-file": "gone" } })).toEqual([
      "--join-secret-file: gone does not exist",
    ]);
  });

  test("an election timeout is at least three heartbeats", async () => {
    expect(await problems({ flags: { "heartbeat-ms": "101" } })).toEqual([
      "--election-timeout-ms: must be at least three heartbeats, 303, not 300",
    ]);
  });
});
