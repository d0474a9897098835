// persister-contract.ts — the promises of persister.ts as tests. Every Persister runs them; a user's
// own too: `persisterContract({ describe, test }, { name: "mine", open })` with any test runner.
import { EMPTY_CONFIGURATION } from "../core/configuration.ts";
import { logIndex, nodeId, term } from "../core/ids.ts";
import { claim, claimEqual, claimRejects, type TestFunctions } from "./contract-claims.ts";
import type { Persister, SnapshotName } from "./persister.ts";
import { snapshotName } from "./snapshot/snapshot-set.ts";
import { readSnapshot, snapshotChunks } from "./snapshot/snapshot-stream.ts";
import type { StorageIdentity } from "./storage.ts";

export interface PersisterUnderTest {
  /** Not yet initialised. */
  readonly persister: Persister;
  /** The same place after the process ended: a new object, not yet initialised. */
  readonly reopen: () => Promise<Persister>;
}

export function persisterContract(
  tests: TestFunctions,
  subject: { readonly name: string; readonly open: () => Promise<PersisterUnderTest> },
): void {
  tests.describe(`${subject.name} persister`, () => {
    for (const [sentence, check] of Object.entries(promises)) {
      tests.test(sentence, async () => {
        const opened = await subject.open();
        await opened.persister.init(identity);
        await check(opened);
      });
    }
  });
}

const identity: StorageIdentity = {
  clusterId: "c".repeat(32),
  nodeId: nodeId("a".repeat(32)),
  group: 0,
};

const promises: Readonly<Record<string, (subject: PersisterUnderTest) => Promise<void>>> = {
  "an empty place holds no snapshot": async ({ persister }) => {
    claimEqual(await persister.list(), []);
  },
  "chunks come back in their order and with their bytes": async ({ persister }) => {
    const { name, chunks } = await aSnapshot({ index: 7, pieces: [3, 0, 300_000, 600_000, 1] });
    await persister.store(name, each(chunks));

    claimEqual(await persister.list(), [name]);
    claimEqual(await collect(persister.load(name)), chunks);
  },
  "what was stored can be read as a snapshot": async ({ persister }) => {
    const { name, chunks } = await aSnapshot({ index: 7, pieces: [10, 300_000] });
    await persister.store(name, each(chunks));
    const { meta, content } = await readSnapshot(persister.load(name));

    claimEqual(snapshotName(meta), name);
    claimEqual(
      (await collect(content)).map((piece) => piece.byteLength),
      [10, 300_000],
    );
  },
  "a store touches no other snapshot": async ({ persister }) => {
    const first = await aSnapshot({ index: 7, pieces: [5] });
    const second = await aSnapshot({ index: 9, pieces: [6] });
    await persister.store(first.name, each(first.chunks));
    await persister.store(second.name, each(second.chunks));

    claimEqual(
      (await persister.list()).map(({ index }) => index).toSorted((left, right) => left - right),
      [7, 9],
    );
    claimEqual(await collect(persister.load(first.name)), first.chunks);
  },
  "a store that failed half-way is not listed, and can be tried again": async ({ persister }) => {
    const { name, chunks } = await aSnapshot({ index: 7, pieces: [300_000] });
    const error = await claimRejects(persister.store(name, breaking(chunks)));

    claim(String(error).includes("the source broke"), "a store rejects with what its source says");
    claimEqual(await persister.list(), []);
    await persister.store(name, each(chunks));
    claimEqual(await collect(persister.load(name)), chunks);
  },
  "storing a snapshot again takes the place of what was there": async ({ persister }) => {
    const { name, chunks } = await aSnapshot({ index: 7, pieces: [5] });
    const { chunks: others } = await aSnapshot({ index: 7, pieces: [300_000] });
    await persister.store(name, each(chunks));
    await persister.store(name, each(others));

    claimEqual(await persister.list(), [name]);
    claimEqual(await collect(persister.load(name)), others);
  },
  "storing one again that failed half-way leaves the one that was there": async ({ persister }) => {
    const { name, chunks } = await aSnapshot({ index: 7, pieces: [5] });
    await persister.store(name, each(chunks));
    await claimRejects(persister.store(name, breaking(chunks)));

    claimEqual(await persister.list(), [name]);
    claimEqual(await collect(persister.load(name)), chunks);
  },
  "a reader may stop early": async ({ persister }) => {
    const { name, chunks } = await aSnapshot({ index: 7, pieces: [300_000] });
    await persister.store(name, each(chunks));
    const iterator = persister.load(name)[Symbol.asyncIterator]();
    const first = await iterator.next();
    await iterator.return?.();

    claimEqual(first.value, chunks[0]);
  },
  "loading what is not there rejects": async ({ persister }) => {
    await claimRejects(collect(persister.load({ term: 1, index: 1, hash: "ab" })));
  },
  "what was removed is gone; removing what is not there is no error": async ({ persister }) => {
    const { name, chunks } = await aSnapshot({ index: 7, pieces: [5] });
    await persister.store(name, each(chunks));
    await persister.remove(name);
    await persister.remove(name);

    claimEqual(await persister.list(), []);
  },
  "a durable one finds its snapshots after a restart; another finds none": async (subject) => {
    const { name, chunks } = await aSnapshot({ index: 7, pieces: [5] });
    await subject.persister.store(name, each(chunks));
    const again = await subject.reopen();
    await again.init(identity);

    claimEqual(await again.list(), subject.persister.durable ? [name] : []);
    if (subject.persister.durable) claimEqual(await collect(again.load(name)), chunks);
  },
};

async function aSnapshot(of: {
  readonly index: number;
  readonly pieces: readonly number[];
}): Promise<{
  readonly name: SnapshotName;
  readonly chunks: readonly Uint8Array[];
}> {
  const meta = {
    index: logIndex(of.index),
    term: term(2),
    hash: `${of.index}`.padStart(64, "0"),
    configuration: EMPTY_CONFIGURATION,
  };
  const content = each(of.pieces.map((bytes) => new Uint8Array(bytes).fill(bytes % 251)));
  const chunks = await collect(snapshotChunks({ meta, identity, content }));
  return { name: snapshotName(meta), chunks };
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function* breaking(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  const [first] = chunks;
  if (first !== undefined) yield first;
  throw new Error("the source broke");
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
