import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key, logTimeMs, partitionId, selector, type Write } from "@rogerd/global-state";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type APort, aPort } from "../../test/outer/a-port.ts";
import { encodeEntry } from "../state/command-codec.ts";
import { runRogerctl } from "./command-line.ts";
import type { HttpOutcome, HttpRequest, Surroundings } from "./surroundings.ts";

const acme = partitionId("acme");
const clusters = { old: "a".repeat(32), fresh: "b".repeat(32) };
const used: readonly Write[] = [
  { name: "partition.start", partition: acme, args: {} },
  { name: "roger.isQueued", partition: acme, args: { key: key("q/1"), add: true } },
  { name: "roger.isExecuting", partition: acme, args: { key: key("e/1"), add: true } },
  { name: "roger.queuePause", partition: acme, args: { queue: selector("mail") } },
];

let folder = "";
let file = "";
let whole: Buffer = Buffer.alloc(0);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rogerd-test-"));
  file = join(folder, "whole.backup");
  expect(await rogerctl(await aUsedCluster(), "backup", file)).toMatchObject({ code: 0 });
  whole = await readFile(file);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function write(port: APort, writes: readonly Write[]): void {
  const submissions = writes.map((each) => ({ origin: { kind: "none" } as const, write: each }));
  void port.node.propose(encodeEntry({ logTime: logTimeMs(1), wallMs: 1_000, submissions }));
}

async function aUsedCluster(): Promise<APort> {
  const port = await aPort({ clusterId: clusters.old });
  write(port, used);
  return port;
}

function aFreshCluster(): Promise<APort> {
  return aPort({ clusterId: clusters.fresh });
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

type Exchange = (request: HttpRequest) => Promise<HttpOutcome>;

function exchangeWith(port: APort): Exchange {
  return async ({ method, url, headers, body }) => {
    const { pathname: path, host } = new URL(url);
    const asked = port.network.request({
      ...{ method, path, headers: { ...headers, host } },
      ...(body === undefined ? {} : { text: body }),
    });
    await port.settle();
    const answer = await asked;
    const { location } = answer.headers;
    return { kind: "response", status: answer.status, location, body: answer.body };
  };
}

/** Somebody presses Ctrl-C. */
let interrupt = (): void => undefined;

async function rogerctl(to: APort | Exchange, ...args: readonly string[]): Promise<Ended> {
  let now = 0;
  let requestIds = 0;
  let out = "";
  let said = "";
  const surroundings: Surroundings = {
    out: (text) => {
      out += text;
    },
    say: (line) => {
      said += `${line}\n`;
    },
    emphasize: (text) => text,
    monotonicNow: () => now,
    wallNow: () => now,
    sleep: (durationMs) => {
      now += durationMs;
      return typeof to === "function" ? Promise.resolve() : to.platform.advance(durationMs);
    },
    newRequestId: () => {
      requestIds += 1;
      return `0123456789-${requestIds}`;
    },
    exchange: typeof to === "function" ? to : exchangeWith(to),
    outTaken: () => Promise.resolve(),
    openChanges: () => Promise.reject(new Error("nothing here watches")),
    confirm: () => Promise.resolve("no-terminal"),
    onInterrupt: (told) => {
      interrupt = told;
      return () => {
        interrupt = () => undefined;
      };
    },
    operator: "ada@tower",
    version: "0.1.0",
    nodeVersion: "v20",
  };
  const code = await runRogerctl([...args, "--endpoints", "127.0.0.1:7401"], surroundings);
  return { code, out, said };
}

const counts = {
  partitions: 1,
  cancelMarks: 0,
  queueKeys: 1,
  executionKeys: 1,
  pauses: 1,
  sessions: 0,
};
const header = {
  clusterId: clusters.old,
  revision: 2,
  term: 1,
  createdAt: "2023-11-14T22:13:20.000Z",
  node: "n1",
  version: "0.1.0",
};

describe("backup", () => {
  test("writes a file that says in its first line what it is, and tells revision, bytes, counts", async () => {
    const path = join(folder, "json.backup");

    const { code, out } = await rogerctl(await aUsedCluster(), "backup", path, "-o", "json");

    const bytes = await readFile(path);
    const [line = ""] = bytes.toString("latin1").split("\n");
    expect(code).toBe(0);
    expect(JSON.parse(line)).toEqual({ rogerd: "backup", format: 1, ...header });
    expect(JSON.parse(out)).toEqual({
      file: path,
      bytes: bytes.length,
      ...header,
      stateHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      counts,
    });
  });

  test("overwrites nothing without --yes", async () => {
    const path = join(folder, "taken.backup");
    await writeFile(path, "mine");
    const port = await aUsedCluster();

    expect(await rogerctl(port, "backup", path)).toMatchObject({
      code: 2,
      said: expect.stringContaining("--yes"),
    });
    expect(await readFile(path, "utf8")).toBe("mine");
    expect(await rogerctl(port, "backup", path, "--yes")).toMatchObject({ code: 0 });
    expect((await readFile(path)).length).toBe(whole.length);
  });

  test("takes the name of no device and no folder, whatever is said", async () => {
    const path = join(folder, "not-a-file");
    await mkdir(path);
    const port = await aUsedCluster();

    expect(await rogerctl(port, "backup", path, "--yes")).toMatchObject({
      code: 2,
      said: expect.stringContaining(`${path} is no regular file`),
    });
    expect(await readdir(folder)).not.toContainEqual(expect.stringContaining(".part"));
  });

  test("that was damaged on its way is not kept, and leaves nothing behind", async () => {
    const into = await mkdtemp(join(folder, "damaged-"));
    const port = await aUsedCluster();
    const damaging: Exchange = async (request) => {
      const outcome = await exchangeWith(port)(request);
      if (outcome.kind !== "response" || !outcome.body.includes('"chunk"')) return outcome;
      const body: unknown = JSON.parse(outcome.body);
      if (typeof body !== "object" || body === null || !("bytes" in body)) return outcome;
      const bytes = Buffer.from(String(body.bytes), "base64");
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return { ...outcome, body: JSON.stringify({ ...body, bytes: bytes.toString("base64") }) };
    };

    expect(await rogerctl(damaging, "backup", join(into, "b"))).toMatchObject({
      code: 1,
      out: "",
      said: expect.stringContaining("no backup was made: what came is damaged"),
    });
    expect(await readdir(into)).toEqual([]);
  });

  test("begins again when the node that began it does not have it any more", async () => {
    const into = await mkdtemp(join(folder, "again-"));
    const [first, second] = [await aUsedCluster(), await aUsedCluster()];
    write(second, [{ name: "partition.stop", partition: acme, args: {} }]);
    let chunksSeen = 0;
    const moving: Exchange = (request) => {
      if (request.body?.includes('"chunk":1')) chunksSeen += 1;
      return exchangeWith(chunksSeen === 0 ? first : second)(request);
    };

    const { code, out } = await rogerctl(moving, "backup", join(into, "b"), "-o", "json");

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ revision: 3 });
    expect(await readdir(into)).toEqual(["b"]);
  });

  test("gives up when every node that begins one loses it, and leaves nothing behind", async () => {
    const into = await mkdtemp(join(folder, "lost-"));
    const losing: Exchange = async (request) => {
      if (!request.body?.includes('"chunk":1'))
        return exchangeWith(await aReadyNode(request))(request);
      return exchangeWith(await aUsedCluster())(request);
    };

    expect(await rogerctl(losing, "backup", join(into, "b"))).toMatchObject({ code: 69, out: "" });
    expect(await readdir(into)).toEqual([]);
  });

  test("into a folder that is not there says so and asks nobody", async () => {
    const nobody: Exchange = () => Promise.reject(new Error("asked"));

    expect(await rogerctl(nobody, "backup", join(folder, "none", "b"))).toMatchObject({
      code: 1,
      said: `rogerctl: no backup was made: ${join(folder, "none", "b")}: its folder is not there\n`,
    });
  });

  test("that is interrupted says so, leaves nothing behind, and the next one begins at once", async () => {
    const into = await mkdtemp(join(folder, "interrupted-"));
    const port = await aUsedCluster();
    const interrupting: Exchange = async (request) => {
      const outcome = await exchangeWith(port)(request);
      if (request.body?.includes('"chunk":1')) interrupt();
      return outcome;
    };

    expect(await rogerctl(interrupting, "backup", join(into, "b"))).toEqual({
      code: 1,
      out: "",
      said: "rogerctl: no backup was made: it was interrupted\n",
    });
    expect(await readdir(into)).toEqual([]);
    expect(await rogerctl(otherIds(port), "backup", join(into, "b"))).toMatchObject({ code: 0 });
  });

  test("that fails on the way does not keep the next one waiting", async () => {
    const into = await mkdtemp(join(folder, "failing-"));
    const port = await aUsedCluster();
    const failing: Exchange = (request) =>
      request.body?.includes('"chunk":1')
        ? Promise.resolve({ kind: "response", status: 200, location: undefined, body: "{}" })
        : exchangeWith(port)(request);

    expect(await rogerctl(failing, "backup", join(into, "b"))).toMatchObject({ code: 1, out: "" });
    expect(await rogerctl(otherIds(port), "backup", join(into, "b"))).toMatchObject({ code: 0 });
  });

  test.each([
    ["backup", [""], "backup takes the name of a file, not an empty one"],
    [
      "backup",
      ["-"],
      "backup writes a file that it then reads back, not to stdout: name a file, ./- if that is its name",
    ],
    [
      "backup",
      ["b", "--partition", "acme"],
      "backup is of the whole cluster, all partitions in one file, and takes no --partition",
    ],
    ["restore", [""], "restore takes the name of a file, not an empty one"],
    [
      "restore",
      ["-"],
      "restore checks the whole file before it sends any of it, and does not read stdin: name a file, ./- if that is its name",
    ],
    [
      "restore",
      ["b", "--partition", "acme"],
      "restore is of the whole cluster, all partitions in one file, and takes no --partition",
    ],
  ] as const)("%s %j is wrong use, and asks nobody", async (word, args, sentence) => {
    const nobody: Exchange = () => Promise.reject(new Error("asked"));

    expect(await rogerctl(nobody, word, ...args)).toEqual({
      code: 2,
      out: "",
      said: `rogerctl: ${sentence}\n`,
    });
  });
});

/** The ids of another run of rogerctl: here each run counts from one. */
function otherIds(port: APort): Exchange {
  return (request) =>
    exchangeWith(port)({ ...request, body: request.body?.replace("backup-01", "backup-99") });
}

/** A node that has prepared this backup already. */
async function aReadyNode(request: HttpRequest): Promise<APort> {
  const port = await aUsedCluster();
  await exchangeWith(port)(request);
  return port;
}

describe("restore", () => {
  test("brings all of it into an empty cluster; once more is no change; another file is a no", async () => {
    const fresh = await aFreshCluster();

    const first = await rogerctl(fresh, "restore", file, "-o", "json");
    const { revision } = fresh.node.current;
    const again = await rogerctl(fresh, "restore", file);
    write(fresh, [
      { name: "roger.isExecuting", partition: acme, args: { key: key("e/2"), add: true } },
    ]);

    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toEqual({
      restored: true,
      before: false,
      file,
      revision,
      from: header,
      counts,
    });
    expect(again).toMatchObject({
      code: 0,
      out: expect.stringContaining("was restored before, at revision"),
    });
    expect(again.out).not.toContain("is restored");
    expect(fresh.node.current.counts()).toMatchObject({ ...counts, executionKeys: 2 });
    const list = fresh.node.current.read({
      name: "list",
      partition: acme,
      args: { kind: "executionKeys", prefix: "", limit: 10, cursor: undefined },
    });
    expect(list).toMatchObject({
      result: {
        items: expect.arrayContaining([
          expect.objectContaining({ key: "e/1", holders: [expect.objectContaining({ token: 1 })] }),
          expect.objectContaining({
            key: "e/2",
            holders: [expect.objectContaining({ token: 1_000_000_002 })],
          }),
        ]),
      },
    });
    const other = join(folder, "other.backup");
    expect(await rogerctl(fresh, "backup", other)).toMatchObject({ code: 0 });
    expect(await rogerctl(fresh, "restore", other)).toMatchObject({
      code: 3,
      said: expect.stringContaining("another backup"),
    });
  });

  test("into a cluster that is not empty is a no, and changes nothing", async () => {
    const port = await aUsedCluster();
    const before = port.node.current.counts();

    const ended = await rogerctl(port, "restore", file, "-o", "json");

    expect(ended).toMatchObject({ code: 3, said: expect.stringContaining("not empty") });
    expect(JSON.parse(ended.out)).toEqual({ restored: false, reason: "not_empty" });
    expect(port.node.current.counts()).toEqual(before);
  });

  test("goes on where an interrupted one stopped", async () => {
    const fresh = await aFreshCluster();
    let sent = 0;
    const dying: Exchange = (request) => {
      sent += 1;
      if (sent > 3) return Promise.resolve({ kind: "not-sent", reason: "nobody listens there" });
      return exchangeWith(fresh)(request);
    };

    const first = await rogerctl(dying, "restore", file);
    const between = await rogerctl(fresh, "backup", join(folder, "half.backup"));
    const second = await rogerctl(fresh, "restore", file);

    expect(first).toEqual({
      code: 69,
      out: "",
      said: "rogerctl: the restore is not done (127.0.0.1:7401: nobody listens there); the same command again goes on where this one stopped\n",
    });
    expect(between).toMatchObject({
      code: 69,
      said: expect.stringContaining("a backup is being restored into this cluster"),
    });
    expect(second).toMatchObject({ code: 0, said: "goes on at step 3 of 4\n" });
    expect(fresh.node.current.counts()).toMatchObject(counts);
  });

  test("sends a step again whose answer was lost, and it counts once", async () => {
    const fresh = await aFreshCluster();
    let sent = 0;
    const lossy: Exchange = async (request) => {
      const outcome = await exchangeWith(fresh)(request);
      sent += 1;
      return sent % 2 === 1 ? { kind: "broken", reason: "the connection broke" } : outcome;
    };

    expect(await rogerctl(lossy, "restore", file)).toMatchObject({ code: 0 });
    expect(fresh.node.current.counts()).toMatchObject(counts);
  });

  test("that never hears whether its last step was taken says so", async () => {
    const fresh = await aFreshCluster();
    const deaf: Exchange = async (request) => {
      const outcome = await exchangeWith(fresh)(request);
      if (!request.body?.includes('"step":"end"')) return outcome;
      return { kind: "broken", reason: "the connection broke" };
    };

    expect(await rogerctl(deaf, "restore", file)).toMatchObject({
      code: 75,
      out: "",
      said: expect.stringContaining("is not known to be done"),
    });
    expect(await rogerctl(fresh, "restore", file)).toMatchObject({ code: 0 });
  });

  test("of a damaged file asks nobody, whichever byte is wrong or missing", async () => {
    const nobody: Exchange = () => Promise.reject(new Error("asked"));
    const path = join(folder, "damaged.backup");
    const damaged: Buffer[] = [Buffer.alloc(0), Buffer.concat([whole, Buffer.of(0)])];
    for (let at = 0; at < whole.length; at += 7) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0x40;
      damaged.push(flipped, whole.subarray(0, at));
    }

    for (const bytes of damaged) {
      await writeFile(path, bytes);
      const { code, out, said } = await rogerctl(nobody, "restore", path);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(said).toMatch(/^rogerctl: .*; nothing was changed\n$/);
    }
  });

  test("of a file of another form, or of none, says so", async () => {
    const fresh = await aFreshCluster();
    const path = join(folder, "strange.backup");
    const said = async (text: string) => {
      await writeFile(path, text);
      return (await rogerctl(fresh, "restore", path)).said;
    };

    expect(await said("#!/bin/sh\n")).toContain("is no backup of a rogerd");
    expect(await said('{"rogerd":"backup","format":2}\n')).toContain("has format 2");
    expect(await said('{"rogerd":"backup","format":1}\n')).toContain("makes no sense");
    expect((await rogerctl(fresh, "restore", join(folder, "none"))).said).toContain(
      "none: it is not there;",
    );
  });
});
