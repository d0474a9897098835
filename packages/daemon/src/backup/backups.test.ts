import { GlobalState, logTimeMs, partitionId } from "@rogerd/global-state";
import { SnapshotChecker } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { type APort, aPort, postJson } from "../../test/outer/a-port.ts";
import { backupPath } from "../http/backup.ts";
import { digestOf } from "../rogerctl/node-backup-files.ts";
import { encodeEntry } from "../state/command-codec.ts";
import { idleMsMax, waitForEpochMsMax, wholeMsMax } from "./backups.ts";

const clusterId = "c".repeat(32);
const ids = { one: "one-0123456789abcdef", two: "two-0123456789abcdef" };

const ask = (port: APort, body: unknown) => postJson(port, { path: backupPath, body });

const chunkOf = (id: string, chunk: number) => ({ id, chunk });

/** Chunk 0 is there: preparing is over. */
async function aBegunBackup(choices: Parameters<typeof aPort>[0] = {}): Promise<APort> {
  const port = await aPort(choices);
  await ask(port, chunkOf(ids.one, 0));
  return port;
}

const preparing = { status: 200, value: { standing: "preparing" } };
const unknown = { status: 409, value: { error: { code: "compacted", retryable: false } } };
const busy = { status: 429, value: { error: { code: "overloaded" } } };

function bytesOf(value: unknown): Uint8Array {
  const isChunk = typeof value === "object" && value !== null && "bytes" in value;
  if (!isChunk || typeof value.bytes !== "string") throw new Error(JSON.stringify(value));
  return Buffer.from(value.bytes, "base64");
}

/** Nothing holds an epoch open: another can be had. */
function isEpochFree(port: APort): boolean {
  const epoch = port.node.current.beginEpoch();
  epoch?.close();
  return epoch !== undefined;
}

function start(port: APort, name: string): void {
  const stamp = { logTime: logTimeMs(1), wallMs: 1_700_000_000_000 };
  const write = { name: "partition.start", partition: partitionId(name), args: {} } as const;
  const submissions = [{ origin: { kind: "none" }, write }] as const;
  void port.node.propose(encodeEntry({ ...stamp, submissions }));
  port.node.applyAll();
}

describe("a backup", () => {
  test("is the state at its revision, whatever is written while it is fetched", async () => {
    const port = await aPort({ clusterId });
    start(port, "before");
    await ask(port, chunkOf(ids.one, 0));
    start(port, "after");

    const checker = new SnapshotChecker();
    const state = new GlobalState({ digest: digestOf });
    const restoration = state.beginRestore();
    for (let chunk = 0; !checker.isWhole; chunk += 1) {
      const { value } = await ask(port, chunkOf(ids.one, chunk));
      for (const piece of checker.add(bytesOf(value))) restoration.add(piece);
    }
    restoration.finish();

    expect(state.counts().partitions).toBe(1);
    expect(await ask(port, chunkOf(ids.one, 3))).toMatchObject({
      value: {
        standing: "end",
        header: {
          clusterId,
          revision: state.revision,
          term: state.term,
          createdAt: "2023-11-14T22:13:20.000Z",
          node: "n1",
          version: "0.1.0",
        },
      },
    });
    expect(checker.clusterId).toBe(clusterId);
  });

  test("begins only after all that was acknowledged before is applied", async () => {
    const port = await aPort();
    port.node.decidesAtOnce = false;

    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject(preparing);
    start(port, "acknowledged meanwhile");
    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject(preparing);
    port.node.confirmReads();
    await port.settle();

    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject({
      value: { standing: "chunk", header: { revision: port.node.current.revision } },
    });
  });

  test("gives the last chunk again to who did not hear it, and no other", async () => {
    const port = await aBegunBackup();
    const first = await ask(port, chunkOf(ids.one, 0));
    const second = await ask(port, chunkOf(ids.one, 1));

    expect(await ask(port, chunkOf(ids.one, 1))).toEqual(second);
    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject(unknown);
    expect(await ask(port, chunkOf(ids.one, 3))).toMatchObject(unknown);
    expect(first).not.toEqual(second);
  });

  test("is begun by the leader, and served by who began it, whoever leads by then", async () => {
    const port = await aBegunBackup();
    port.node.follow("n2");

    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject({ value: { standing: "chunk" } });
    expect(await ask(port, chunkOf(ids.two, 0))).toMatchObject({
      status: 307,
      location: `http://127.0.0.1:7402${backupPath}`,
    });
  });

  test("is one at a time; after its end the next one may begin", async () => {
    const port = await aBegunBackup();

    expect(await ask(port, chunkOf(ids.two, 0))).toMatchObject(busy);
    for (let chunk = 0; chunk < 4; chunk += 1) await ask(port, chunkOf(ids.one, chunk));
    expect(await ask(port, chunkOf(ids.one, 3))).toMatchObject({ value: { standing: "end" } });
    expect(isEpochFree(port)).toBe(true);
    expect(await ask(port, chunkOf(ids.two, 0))).toMatchObject(preparing);
    expect(await ask(port, chunkOf(ids.one, 3))).toMatchObject(busy);
  });

  test("ends, with its epoch, when who asked for it gives it up", async () => {
    const port = await aBegunBackup();
    await ask(port, chunkOf(ids.one, 0));

    const other = await ask(port, { id: ids.two, giveUp: true });
    expect(await ask(port, chunkOf(ids.two, 0))).toMatchObject(busy);
    const own = await ask(port, { id: ids.one, giveUp: true });

    expect([other.value, own.value]).toEqual([{ standing: "given-up" }, { standing: "given-up" }]);
    expect(isEpochFree(port)).toBe(true);
    expect(await ask(port, chunkOf(ids.one, 1))).toMatchObject(unknown);
  });

  test("is forgotten with its epoch when nobody asks on, or when it takes too long", async () => {
    const port = await aBegunBackup();
    await port.platform.advance(idleMsMax - 1);
    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject({ value: { standing: "chunk" } });
    expect(isEpochFree(port)).toBe(false);
    await port.platform.advance(idleMsMax);

    expect(await ask(port, chunkOf(ids.one, 1))).toMatchObject(unknown);
    expect(isEpochFree(port)).toBe(true);

    await ask(port, chunkOf(ids.two, 0));
    for (let waitedMs = 0; waitedMs < wholeMsMax; waitedMs += idleMsMax / 2) {
      expect((await ask(port, chunkOf(ids.two, 0))).status).toBe(200);
      await port.platform.advance(idleMsMax / 2);
    }
    expect(await ask(port, chunkOf(ids.two, 1))).toMatchObject(unknown);
  });

  test("waits for an epoch that is open, and not for ever", async () => {
    const port = await aPort();
    const epoch = port.node.current.beginEpoch();
    await ask(port, chunkOf(ids.one, 0));
    await port.platform.advance(waitForEpochMsMax / 2);
    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject(preparing);

    epoch?.close();
    await port.platform.advance(200);
    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject({ value: { standing: "chunk" } });

    const stuck = await aPort();
    stuck.node.current.beginEpoch();
    await ask(stuck, chunkOf(ids.one, 0));
    await stuck.platform.advance(waitForEpochMsMax + 200);
    expect(await ask(stuck, chunkOf(ids.one, 0))).toMatchObject({
      status: 200,
      value: { standing: "failed", reason: "this node is busy with a snapshot of its own" },
    });
  });

  test("is refused where the state may not be shown, or leadership can't be confirmed", async () => {
    const port = await aPort();
    port.node.notServing = "the state of this node differs";
    await ask(port, chunkOf(ids.one, 0));
    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject({
      value: { standing: "failed", reason: "the state of this node differs" },
    });

    port.node.notServing = undefined;
    port.node.decidesAtOnce = false;
    await ask(port, chunkOf(ids.one, 0));
    port.node.endReads({ kind: "unavailable" });
    await port.settle();
    expect(await ask(port, chunkOf(ids.one, 0))).toMatchObject({ value: { standing: "failed" } });
  });

  test("lets go of its epoch when the node stops, also while it is prepared", async () => {
    const port = await aBegunBackup();
    await Promise.all([port.listener.close(), port.platform.advance(10_000)]);

    expect(isEpochFree(port)).toBe(true);

    const early = await aPort();
    const take = early.node.takeSnapshot.bind(early.node);
    let encoded: () => void = () => undefined;
    early.node.takeSnapshot = async () => {
      const content = await take();
      await new Promise<void>((resolve) => {
        encoded = resolve;
      });
      return content;
    };
    await ask(early, chunkOf(ids.one, 0));
    await Promise.all([early.listener.close(), early.platform.advance(10_000)]);
    expect(isEpochFree(early)).toBe(false);
    encoded();
    await early.settle();
    expect(isEpochFree(early)).toBe(true);
  });

  test.each([
    [{}, "id"],
    [{ id: "short", chunk: 0 }, "id"],
    [{ id: ids.one }, "chunk"],
    [{ id: ids.one, chunk: -1 }, "chunk"],
    [{ id: ids.one, chunk: 0.5 }, "chunk"],
  ])("asked for with %j is asked of nobody: %s is wrong", async (body, path) => {
    const port = await aPort();

    expect(await ask(port, body)).toMatchObject({
      status: 400,
      value: { error: { code: "invalid_argument", path } },
    });
    expect(port.node.reads).toBe(0);
  });
});
