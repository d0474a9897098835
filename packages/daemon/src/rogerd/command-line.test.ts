import { FolderTakenError, NothingToRecoverError, RecoveryRefusedError } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { type Daemon, DaemonFailedError, type DaemonParts, type Failure } from "../daemon.ts";
import { silentLog } from "../observe/log.ts";
import type { HttpOutcome } from "../rogerctl/surroundings.ts";
import { runRogerd } from "./command-line.ts";
import type { Ended, StopWish, Surroundings } from "./surroundings.ts";

/** Something that the test makes happen later. */
class Later<Value> {
  readonly promise: Promise<Value>;
  happen: (value: Value) => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.happen = resolve;
    });
  }
}

/** A machine on which nothing happens but what the test makes happen. */
class Stage {
  out = "";
  said = "";
  readonly files = new Map<string, string>();
  readonly remarks: string[] = [];
  readonly filesInTheWay = new Map<string, string>();
  readonly recovered: { readonly directory: string; readonly way: string }[] = [];
  readonly nodes: {
    readonly args: readonly string[];
    readonly end: (ended: Ended) => void;
    wishes: string[];
  }[] = [];
  environment: Record<string, string> = {};
  takenPorts: readonly number[] = [];
  /** Why no file can be written. */
  unwritable: string | undefined;
  answer: "yes" | "no" | "no-terminal" = "no-terminal";
  http: () => HttpOutcome = () => ({ kind: "not-sent", reason: "nobody listens there" });
  daemon: (parts: Omit<DaemonParts, "platform">) => Promise<Daemon> = () => {
    throw new Error("this test starts no daemon");
  };
  inspected: () => AsyncIterable<string> = () => lines([]);
  recover: () => readonly string[] = () => [];
  foresee: () => readonly string[] = () => [];
  #stopWish: StopWish | undefined;
  #hasStarted = false;
  #turn: () => void = () => undefined;

  run(...args: readonly string[]): Promise<number> {
    return runRogerd(args, this.#surroundings());
  }

  wishStop(): void {
    if (this.#stopWish === undefined) throw new Error("nobody listens to signals yet");
    this.#stopWish.stop("SIGTERM");
  }

  /** Loading what a command needs takes some turns. */
  async untilDaemonStarts(): Promise<void> {
    while (!this.#hasStarted) await settle();
  }

  wishEndAtOnce(): void {
    this.#stopWish?.endAtOnce();
  }

  /** Whoever sleeps wakes up now; time passes in no other way. */
  async passTime(): Promise<void> {
    await settle();
    this.#turn();
    await settle();
  }

  #surroundings(): Surroundings {
    return {
      out: (text) => {
        this.out += text;
      },
      say: (line) => {
        this.said += `${line}\n`;
      },
      environment: this.environment,
      version: "0.1.0",
      nodeVersion: "v20",
      readText: (path) => {
        const text = this.files.get(path);
        return Promise.resolve(text === undefined ? { kind: "missing" } : { kind: "text", text });
      },
      isFolder: (path) => Promise.resolve(path.startsWith("d/")),
      fileInTheWay: (path) => Promise.resolve(this.filesInTheWay.get(path)),
      writeText: (path, text) => {
        if (this.unwritable !== undefined) return Promise.resolve(this.unwritable);
        this.files.set(path, text);
        return Promise.resolve(undefined);
      },
      joined: (folder, name) => `${folder}/${name}`,
      sleep: () =>
        new Promise((resolve) => {
          const earlier = this.#turn;
          this.#turn = () => {
            earlier();
            resolve();
          };
        }),
      exchange: () => Promise.resolve(this.http()),
      confirm: () => Promise.resolve(this.answer),
      onStopWish: (wish) => {
        this.#stopWish = wish;
      },
      openLog: () => {
        const remark = (_: unknown, message: string): void => {
          this.remarks.push(message);
        };
        return Promise.resolve({ log: silentLog, remark, flush: () => undefined });
      },
      startDaemon: (parts) => {
        this.#hasStarted = true;
        return this.daemon(parts);
      },
      inspectFolder: () => this.inspected(),
      recoverFolder: (asked) => {
        this.recovered.push(asked);
        return Promise.resolve().then(() => ({ lines: this.recover() }));
      },
      foreseeRecovery: () => Promise.resolve().then(() => ({ lines: this.foresee() })),
      startNode: (args) => this.#startNode(args),
      isPortFree: (port) => Promise.resolve(!this.takenPorts.includes(port)),
    };
  }

  #startNode(args: readonly string[]): ReturnType<Surroundings["startNode"]> {
    const wishes: string[] = [];
    const ended = new Later<Ended>();
    this.nodes.push({ args, end: ended.happen, wishes });
    return {
      pid: 100 + this.nodes.length,
      ended: ended.promise,
      stop: () => wishes.push("stop"),
      kill: () => wishes.push("kill"),
    };
  }
}

async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function* lines(of: readonly string[]): AsyncIterable<string> {
  yield* of;
}

function aDaemon(stop: () => Promise<void>): Daemon {
  return {
    serving: Promise.resolve(),
    endpoints: () => {
      throw new Error("not asked here");
    },
    status: () => {
      throw new Error("not asked here");
    },
    stop,
  };
}

const stopsAtOnce = (): Promise<Daemon> => Promise.resolve(aDaemon(() => Promise.resolve()));

describe("serve", () => {
  test("a signal stops the daemon in order: 0", async () => {
    const stage = new Stage();
    let stops = 0;
    stage.daemon = () =>
      Promise.resolve(
        aDaemon(() => {
          stops += 1;
          return Promise.resolve();
        }),
      );

    const ended = stage.run("serve");
    await stage.untilDaemonStarts();
    await settle();
    const before = stops;
    stage.wishStop();

    expect([await ended, before, stops, stage.said]).toEqual([0, 0, 1, ""]);
  });

  test("a signal while the daemon still starts stops it as soon as it has", async () => {
    const stage = new Stage();
    const started = new Later<Daemon>();
    stage.daemon = () => started.promise;

    const ended = stage.run("serve");
    await stage.untilDaemonStarts();
    await settle();
    stage.wishStop();
    started.happen(aDaemon(() => Promise.resolve()));

    expect(await ended).toBe(0);
  });

  test.each([65, 69, 74, 78, 1] as const)(
    "a start that fails ends with its own code, %i, and sentence",
    async (exitCode) => {
      const stage = new Stage();
      const failure: Failure = { exitCode, sentence: "what happened; what to do" };
      stage.daemon = () => Promise.reject(new DaemonFailedError(failure, undefined));

      expect([await stage.run("serve"), stage.said]).toEqual([
        exitCode,
        "rogerd: what happened; what to do\n",
      ]);
    },
  );

  test("a daemon that fails later ends the process, and is not stopped in order", async () => {
    const stage = new Stage();
    const failures: ((failure: Failure) => void)[] = [];
    stage.daemon = (parts) => {
      failures.push(parts.onFailed);
      return Promise.resolve(aDaemon(() => Promise.reject(new Error("it was stopped"))));
    };

    const ended = stage.run("serve");
    await stage.untilDaemonStarts();
    await settle();
    for (const fail of failures) fail({ exitCode: 74, sentence: "the disk" });

    expect([await ended, stage.said]).toEqual([74, "rogerd: the disk\n"]);
  });

  test("a daemon that does not stop in time ends with a sentence: 1", async () => {
    const stage = new Stage();
    stage.daemon = () => Promise.resolve(aDaemon(() => new Promise(() => undefined)));

    const ended = stage.run("serve");
    await stage.untilDaemonStarts();
    await settle();
    stage.wishStop();
    await stage.passTime();

    expect([await ended, stage.said]).toEqual([
      1,
      "rogerd: the daemon did not stop in order within 10 s; nothing acknowledged is lost, start it again\n",
    ]);
  });

  test("all wrong settings are told and nothing is started: 78", async () => {
    const stage = new Stage();
    stage.environment = { ROGERD_HEARTBEAT_MS: "x" };

    const ended = await stage.run("serve", "--listen-peer", "10.0.0.1:7501");

    expect([ended, stage.said]).toEqual([
      78,
      [
        "rogerd: 2 settings are wrong; correct what follows, rogerd serve --help explains it",
        '  ROGERD_HEARTBEAT_MS: must be a whole number from 1 to 60000, not "x"',
        "  --listen-peer: others can reach 10.0.0.1:7501; give peer-secret-file, or spell out insecure",
        "",
      ].join("\n"),
    ]);
  });

  test.each([
    ["/etc/passwd", "/etc/passwd", "/etc/passwd is a file"],
    ["/etc/passwd/n1", "/etc/passwd", "/etc/passwd/n1 lies under /etc/passwd, which is a file"],
  ])("--data-dir %s is no folder: 78", async (dataDir, file, what) => {
    const stage = new Stage();
    stage.filesInTheWay.set(dataDir, file);

    const ended = await stage.run("serve", "--data-dir", dataDir);

    expect([ended, stage.said]).toEqual([
      78,
      [
        "rogerd: a setting is wrong; correct what follows, rogerd serve --help explains it",
        `  --data-dir: ${what}; name a folder, or one that is still to be made`,
        "",
      ].join("\n"),
    ]);
  });

  test("--insecure is logged at each start, and so is a variable that is no setting", async () => {
    const stage = new Stage();
    stage.daemon = stopsAtOnce;
    stage.environment = { ROGERD_HEART_BEAT: "1" };

    const ended = stage.run("serve", "--listen-peer", "10.0.0.1:7501", "--insecure");
    await stage.untilDaemonStarts();
    await settle();
    stage.wishStop();

    expect(await ended).toBe(0);
    expect(stage.remarks).toEqual([
      "environment variable is no setting",
      "insecure: others can reach this node without credentials",
    ]);
  });

  test("flags reach the daemon as settings, and win over --config", async () => {
    const stage = new Stage();
    stage.files.set("rogerd.yaml", "name: n1\ndata-dir: from-file\n");
    const settings: unknown[] = [];
    stage.daemon = (parts) => {
      settings.push(parts.settings);
      return stopsAtOnce();
    };

    const founders = "n2=127.0.0.1:1,n3=127.0.0.1:2";
    const origins = ["--allow-origin", "https://a", "--allow-origin", "https://b"];
    const args = ["--config", "rogerd.yaml", "--name", "n2", "--founders", founders, ...origins];
    const ended = stage.run("serve", ...args);
    await stage.untilDaemonStarts();
    await settle();
    stage.wishStop();
    await ended;

    expect(settings).toMatchObject([
      {
        name: "n2",
        dataDir: "from-file",
        founders: [{ name: "n2" }, { name: "n3" }],
        allowOrigins: ["https://a", "https://b"],
      },
    ]);
  });

  test("help shows every setting with its variable, by groups", async () => {
    const stage = new Stage();

    expect(await stage.run("serve", "--help")).toBe(0);
    for (const words of [
      "Addresses:",
      "Timing:",
      "--listen-client",
      "ROGERD_LISTEN_CLIENT",
      "64MiB",
      "$ rogerd serve",
    ]) {
      expect(stage.out).toContain(words);
    }
    expect(stage.out).not.toContain("--credential <");
  });
});

describe("cluster", () => {
  const leading: HttpOutcome = {
    kind: "response",
    status: 200,
    location: undefined,
    body: JSON.stringify({
      clusterId: "c",
      node: { id: "i2", name: "n2" },
      role: "leader",
      term: 1,
      leader: { name: "n2" },
      members: [],
    }),
  };

  async function running(
    ...args: readonly string[]
  ): Promise<{ stage: Stage; ended: Promise<number> }> {
    const stage = new Stage();
    stage.http = () => leading;
    const ended = stage.run("cluster", ...args);
    await stage.passTime();
    return { stage, ended };
  }

  const stopped: Ended = { code: 0, signal: null };

  test("starts founders on loopback, client ports from the base on, peer ports a hundred later", async () => {
    const { stage } = await running();

    const founders = "n1=127.0.0.1:7501,n2=127.0.0.1:7502,n3=127.0.0.1:7503";
    expect(stage.nodes.map(({ args }) => args)).toEqual(
      [1, 2, 3].map((i) => [
        "serve",
        `--name=n${i}`,
        `--data-dir=.rogerd/n${i}`,
        `--listen-client=127.0.0.1:740${i}`,
        `--listen-peer=127.0.0.1:750${i}`,
        "--log-level=warn",
        `--founders=${founders}`,
      ]),
    );
  });

  test("a cluster of one has no founders", async () => {
    const { stage } = await running("--nodes", "1", "--base-port", "8400");

    expect(stage.nodes.map(({ args }) => args.some((arg) => arg.startsWith("--founders")))).toEqual(
      [false],
    );
  });

  test("prints endpoints at once, and commands to try when a leader is there", async () => {
    const stage = new Stage();
    void stage.run("cluster");
    await settle();
    const before = stage.out;

    stage.http = () => leading;
    await stage.passTime();

    expect(before).toBe(
      [
        "3 nodes on this machine, data in .rogerd",
        "",
        "  n1  clients 127.0.0.1:7401  peers 127.0.0.1:7501  pid 101",
        "  n2  clients 127.0.0.1:7402  peers 127.0.0.1:7502  pid 102",
        "  n3  clients 127.0.0.1:7403  peers 127.0.0.1:7503  pid 103",
        "",
        "",
      ].join("\n"),
    );
    expect(stage.out.slice(before.length)).toMatch(
      /^n2 leads\.\n\nTo try[^]*npx rogerctl status\n/,
    );
  });

  test("a signal stops all nodes, and the cluster ends when the last has ended: 0", async () => {
    const { stage, ended } = await running();

    stage.wishStop();
    const wishes = stage.nodes.map((node) => [...node.wishes]);
    for (const node of stage.nodes) node.end(stopped);

    expect([await ended, wishes]).toEqual([0, [["stop"], ["stop"], ["stop"]]]);
    expect(stage.said).toBe("stopping all nodes; once more ends them at once\n");
  });

  test("a second signal kills what is left, and so does the end of patience", async () => {
    const { stage } = await running();
    stage.wishStop();
    stage.nodes[0]?.end(stopped);
    await settle();

    stage.wishEndAtOnce();
    await stage.passTime();

    expect(stage.nodes.map(({ wishes }) => wishes)).toEqual([
      ["stop"],
      ["stop", "kill", "kill"],
      ["stop", "kill", "kill"],
    ]);
  });

  test("a node that dies is reported and not started again; the others go on", async () => {
    const { stage, ended } = await running();

    stage.nodes[1]?.end({ code: null, signal: "SIGKILL" });
    await settle();

    expect(stage.said).toBe("n2 ended (SIGKILL) and is not started again; 2 of 3 nodes are left\n");
    expect([stage.nodes.length, stage.nodes[0]?.wishes]).toEqual([3, []]);
    stage.wishStop();
    stage.nodes[0]?.end(stopped);
    stage.nodes[2]?.end(stopped);
    expect(await ended).toBe(1);
  });

  test("a node that refuses at the start is reported with its code; the others go on and lead", async () => {
    const stage = new Stage();
    const ended = stage.run("cluster");
    await settle();

    stage.nodes[0]?.end({ code: 65, signal: null });
    await settle();
    stage.http = () => leading;
    await stage.passTime();

    expect(stage.nodes.map(({ wishes }) => wishes)).toEqual([[], [], []]);
    expect(stage.said).toBe(
      [
        "n1 ended (exit code 65: data damaged) and is not started again; 2 of 3 nodes are left",
        "waiting for a leader without n1; if these nodes never were one cluster, that takes all of them: Ctrl-C, put n1 right, start again",
        "",
      ].join("\n"),
    );
    expect(stage.out).toContain("n2 leads.");
    stage.wishStop();
    for (const node of stage.nodes) node.end(stopped);
    expect(await ended).toBe(65);
  });

  test("when no node is left the cluster ends, with the code of the last", async () => {
    const stage = new Stage();
    const ended = stage.run("cluster");
    await settle();

    for (const [position, code] of [69, 65, 78].entries()) {
      stage.nodes[position]?.end({ code, signal: null });
      await settle();
    }

    expect([await ended, stage.nodes.flatMap(({ wishes }) => wishes)]).toEqual([78, []]);
    expect(stage.said).toMatch(/0 of 3 nodes are left\n$/);
  });

  test("ports that are taken are named before anything is started: 69", async () => {
    const stage = new Stage();
    stage.takenPorts = [7402, 7501];

    expect([await stage.run("cluster"), stage.nodes, stage.files.size]).toEqual([69, [], 0]);
    expect(stage.said).toBe(
      "rogerd: ports 7501, 7402 on 127.0.0.1 taken; stop the other cluster, or choose another --base-port and --data-dir\n",
    );
  });

  test("a folder that can't be written is told before anything is started: 78", async () => {
    const stage = new Stage();
    stage.unwritable = "ENOENT: no such file or directory, mkdir '/proc/x'";

    expect([await stage.run("cluster", "--data-dir", "/proc/x"), stage.nodes]).toEqual([78, []]);
    expect(stage.said).toBe(
      "rogerd: nothing can be written to --data-dir: ENOENT: no such file or directory, mkdir '/proc/x'; name a folder that can be made, and that you may write\n",
    );
  });

  test("data that was made with other nodes or ports is not started with these: 78", async () => {
    const stage = new Stage();
    stage.files.set(".rogerd/cluster.json", '{"nodes":3,"basePort":7400}\n');

    expect([await stage.run("cluster", "--base-port", "8400"), stage.nodes]).toEqual([78, []]);
    expect(stage.said).toContain("made with --nodes 3 --base-port 7400");
  });

  test("a second start with the same form finds the data", async () => {
    const first = await running();
    const stage = new Stage();
    for (const [path, text] of first.stage.files) stage.files.set(path, text);

    void stage.run("cluster");
    await settle();

    expect(stage.nodes.length).toBe(3);
  });
});

describe("inspect", () => {
  test("prints the folder line by line: 0", async () => {
    const stage = new Stage();
    stage.inspected = () => lines(["one", "two"]);

    expect([await stage.run("inspect", "d/n1"), stage.out]).toEqual([0, "one\ntwo\n"]);
  });

  test("damage is told like everything else, and by the exit code: 65", async () => {
    const stage = new Stage();
    stage.inspected = () => lines(["one", "DAMAGE in a/b at byte 7: rot", "two"]);

    expect([await stage.run("inspect", "d/n1"), stage.out, stage.said]).toEqual([
      65,
      "one\nDAMAGE in a/b at byte 7: rot\ntwo\n",
      "rogerd: the data in d/n1 is damaged, as told above; rogerd serve says whether it may start and what to do\n",
    ]);
  });

  test("a folder in use: 69", async () => {
    const stage = new Stage();
    stage.inspected = () => {
      throw new FolderTakenError("d/n1 is in use by process 7");
    };

    expect([await stage.run("inspect", "d/n1"), stage.said]).toEqual([
      69,
      "rogerd: d/n1 is in use by process 7; stop that node first, or inspect a copy\n",
    ]);
  });
});

describe("recover", () => {
  test("a folder that is not there: 2, for inspect too", async () => {
    const stage = new Stage();

    const ended = [
      await stage.run("inspect", "e"),
      await stage.run("recover", "e", "--rejoin", "--yes"),
    ];

    expect([ended, stage.recovered]).toEqual([[2, 2], []]);
    expect(stage.said).toContain("there is no folder e");
  });

  test.each([
    ["yes", 0, 1],
    ["no", 0, 0],
    ["no-terminal", 2, 0],
  ] as const)(
    "asked on a terminal, the answer %s: exit %i, done %i times",
    async (answer, exitCode, times) => {
      const stage = new Stage();
      stage.answer = answer;

      expect([await stage.run("recover", "d/n1", "--rejoin"), stage.recovered.length]).toEqual([
        exitCode,
        times,
      ]);
      expect(stage.said).toContain("sets the data of this node aside");
    },
  );

  test("--yes is not asked, and what was done is printed", async () => {
    const stage = new Stage();
    stage.recover = () => ["the log was cut"];

    const ended = await stage.run("recover", "d/n1", "--accept-tail-loss", "--yes");

    expect([ended, stage.out, stage.said, stage.recovered]).toEqual([
      0,
      "the log was cut\n",
      "",
      [{ directory: "d/n1", way: "accept-tail-loss" }],
    ]);
  });

  test("where nothing is damaged there is nothing to recover: 1", async () => {
    const stage = new Stage();
    stage.recover = () => {
      throw new NothingToRecoverError("the log is not damaged; start the node");
    };

    const ended = await stage.run("recover", "d/n1", "--accept-tail-loss", "--yes");

    expect([ended, stage.said]).toEqual([1, "rogerd: the log is not damaged; start the node\n"]);
  });

  test("what the storage refuses is told: 65", async () => {
    const stage = new Stage();
    stage.recover = () => {
      throw new RecoveryRefusedError("only for a cluster of one; use --rejoin");
    };

    const ended = await stage.run("recover", "d/n1", "--accept-tail-loss", "--yes");

    expect([ended, stage.said]).toEqual([65, "rogerd: only for a cluster of one; use --rejoin\n"]);
  });

  test("what may be lost is said before anybody is asked", async () => {
    const stage = new Stage();
    stage.foresee = () => ["the log ends at entry 12"];
    stage.answer = "no";

    const ended = await stage.run("recover", "d/n1", "--force-new-cluster");

    expect([ended, stage.recovered]).toEqual([0, []]);
    expect(stage.said.split("\n")).toEqual([
      expect.stringMatching(/^recover --force-new-cluster begins a new cluster/),
      "the log ends at entry 12",
      "nothing was changed",
      "",
    ]);
  });

  test("what would be refused is refused before anybody is asked", async () => {
    const stage = new Stage();
    stage.answer = "yes";
    stage.foresee = () => {
      throw new RecoveryRefusedError("nothing is lost; start it");
    };

    const ended = await stage.run("recover", "d/n1", "--force-new-cluster");

    expect([ended, stage.recovered]).toEqual([65, []]);
    expect(stage.said).toMatch(/\nrogerd: nothing is lost; start it\n$/);
  });

  test.each([
    [[]],
    [["--rejoin", "--accept-tail-loss"]],
    [["--rejoin", "--force-new-cluster"]],
    [["--accept-tail-loss", "--force-new-cluster"]],
  ])("exactly one way is chosen, not %j: 2", async (ways) => {
    const stage = new Stage();

    expect([await stage.run("recover", "d/n1", ...ways, "--yes"), stage.recovered]).toEqual([
      2,
      [],
    ]);
  });
});

describe("the command line", () => {
  test.each([
    [[]],
    [["sevre"]],
    [["serve", "--no-such"]],
    [["inspect"]],
    [["cluster", "--nodes", "0"]],
    [["cluster", "--base-port", "http"]],
  ])("%j is wrong use: 2, on stderr only", async (args) => {
    const stage = new Stage();

    expect([await stage.run(...args), stage.out]).toEqual([2, ""]);
    expect(stage.said).not.toBe("");
  });

  test("version", async () => {
    const stage = new Stage();

    expect([await stage.run("version"), stage.out]).toEqual([0, "rogerd 0.1.0 on Node v20\n"]);
  });
});
