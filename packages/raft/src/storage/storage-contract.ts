// storage-contract.ts — the promises of storage.ts as tests. Every LogStorage runs them.
import type { Configuration } from "../core/configuration.ts";
import { EMPTY_CONFIGURATION } from "../core/configuration.ts";
import type { HardState } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import { ForgottenLogError } from "../core/forgotten-log.ts";
import { logIndex, nodeId, term } from "../core/ids.ts";
import { claim, claimEqual, claimRejects, type TestFunctions } from "./contract-claims.ts";
import type { LogStorage, Recovered, WalRecord } from "./storage.ts";

export interface StorageUnderTest {
  /** A first start in an empty place. */
  readonly storage: LogStorage;
  /** The next start after a crash: whatever was not made durable is lost. */
  readonly restart: () => Promise<LogStorage>;
  /** After the test. */
  readonly end: () => Promise<void>;
}

type Promises = Readonly<Record<string, (subject: StorageUnderTest) => Promise<void>>>;

export function storageContract(
  tests: TestFunctions,
  subject: { readonly name: string; readonly open: () => Promise<StorageUnderTest> },
): void {
  tests.describe(`${subject.name} storage`, () => {
    for (const [sentence, check] of Object.entries({ ...appending, ...compacting, ...condemned })) {
      tests.test(sentence, async () => {
        const opened = await subject.open();
        try {
          await check(opened);
        } finally {
          await opened.end();
        }
      });
    }
  });
}

const voter = nodeId("b".repeat(32));
const nothing: Recovered = {
  hardState: { term: term(0), votedFor: undefined },
  snapshot: undefined,
  entries: [],
  base: { index: logIndex(0), term: term(0) },
  commitIndex: logIndex(0),
};

const appending: Promises = {
  "a first start finds an empty log in term 0": async ({ storage, restart }) => {
    claimEqual(storage.recovered, nothing);
    claimEqual((await restart()).recovered, nothing);
  },
  "an append that resolved is still there after a crash": async ({ storage, restart }) => {
    await append(storage, [inTerm(1), command(1, 1, 5), noop(2, 1), members(3, 1)]);

    const { recovered } = await restart();
    claimEqual(recovered, {
      ...nothing,
      hardState: { term: term(1), votedFor: undefined },
      entries: [entryOf(command(1, 1, 5)), entryOf(noop(2, 1)), entryOf(members(3, 1))],
    });
  },
  "the bytes of a payload may be used again once the append resolved": async (subject) => {
    const payload = Uint8Array.of(1);
    const entry: Entry = { index: logIndex(1), term: term(0), kind: "command", payload };
    await append(subject.storage, [{ kind: "entry", entry }]);
    payload[0] = 2;

    const { recovered } = await subject.restart();
    claimEqual(recovered.entries, [{ ...entry, payload: Uint8Array.of(1) }]);
  },
  "term and vote are found as they were last written": async ({ storage, restart }) => {
    await append(storage, [inTerm(1, "voted")]);
    await append(storage, [inTerm(2)]);
    await append(storage, [inTerm(2, "voted")]);

    const { recovered } = await restart();
    claimEqual(recovered.hardState, { term: term(2), votedFor: voter });
  },
  "a truncation removes the entries from its index on": async ({ storage, restart }) => {
    await append(storage, [inTerm(1), command(1, 1), command(2, 1), command(3, 1)]);
    await append(storage, [inTerm(2), { kind: "truncate", from: logIndex(2) }, command(2, 2)]);

    const { recovered } = await restart();
    claimEqual(recovered.entries, [entryOf(command(1, 1)), entryOf(command(2, 2))]);
  },
  "the log goes on after a restart, again and again": async ({ storage, restart }) => {
    await append(storage, [inTerm(1), command(1, 1)]);
    for (let index = 2; index < 6; index += 1) await append(await restart(), [command(index, 1)]);

    const { recovered } = await restart();
    claimEqual(
      recovered.entries.map((entry) => entry.index),
      [1, 2, 3, 4, 5],
    );
  },
  "a large payload comes back whole": async ({ storage, restart }) => {
    await append(storage, [inTerm(1), command(1, 1, 1_000_000)]);

    const { recovered } = await restart();
    claimEqual(recovered.entries.map(sizeOf), [1_000_000]);
  },
  "what is known to be committed is never above what was synced before": async (subject) => {
    await append(subject.storage, [inTerm(1), command(1, 1), command(2, 1)]);
    await append(subject.storage, [command(3, 1)], { commitIndex: 3 });

    claimEqual((await subject.restart()).recovered.commitIndex, logIndex(2));
  },
  "an entry that does not follow, a vote that changes, a committed entry that goes: bugs": async (
    subject,
  ) => {
    await append(subject.storage, [inTerm(1, "voted"), command(1, 1), command(2, 1)]);
    await append(subject.storage, [command(3, 1)], { commitIndex: 2 });
    for (const record of [command(5, 1), inTerm(1), cut(2), command(4, 2), inTerm(0)]) {
      const again = await subject.restart();
      await claimRejects(append(again, [record]));
    }
  },
};

const condemned: Promises = {
  "a log that has lost what was synced is never opened again": async ({ storage, restart }) => {
    await append(storage, [inTerm(1), command(1, 1, 5)]);
    const found = { term: term(1), acknowledged: logIndex(3), lastIndex: logIndex(1) };
    await storage.condemn(found);

    for (let run = 0; run < 2; run += 1) {
      const error = await claimRejects(restart());
      claim(error instanceof ForgottenLogError, "the same is found again");
      claimEqual(error instanceof ForgottenLogError ? error.found : undefined, found);
    }
  },
};

const compacting: Promises = {
  "the newest mark is what a start loads": async ({ storage, restart }) => {
    await append(storage, [inTerm(1), command(1, 1), command(2, 1), command(3, 1)]);
    await append(storage, [mark(1, 1, "keep")]);
    await append(storage, [mark(2, 1, "keep")]);

    const { recovered } = await restart();
    claimEqual(recovered.snapshot, snapshotAt(2, 1));
    claimEqual(recovered.entries.at(-1), entryOf(command(3, 1)));
    claimEqual(recovered.commitIndex, logIndex(2));
  },
  "an installed snapshot replaces the log": async ({ storage, restart }) => {
    await append(storage, [inTerm(1), command(1, 1), command(2, 1)]);
    await append(storage, [inTerm(4), mark(9, 3, "discard")]);
    await append(storage, [command(10, 4)]);

    const { recovered } = await restart();
    claimEqual(recovered.snapshot, snapshotAt(9, 3));
    claimEqual(recovered.base, { index: logIndex(9), term: term(3) });
    claimEqual(recovered.entries, [entryOf(command(10, 4))]);
  },
  "a dropped prefix loses nothing that a start needs": async ({ storage, restart }) => {
    await append(storage, [inTerm(1)]);
    for (let index = 1; index <= 40; index += 1) await append(storage, [command(index, 1, 900)]);
    await append(storage, [mark(30, 1, "keep")]);
    await storage.dropPrefix({ through: logIndex(25) });
    await append(storage, [command(41, 1)]);

    const { recovered } = await restart();
    claim(recovered.base.index <= 25, "nothing above what was asked for is dropped");
    claimEqual(recovered.snapshot, snapshotAt(30, 1));
    const first = recovered.base.index + 1;
    claimEqual(
      recovered.entries.map((entry) => entry.index),
      Array.from({ length: 41 - first + 1 }, (_, at) => first + at),
    );
    claimEqual(recovered.hardState.term, term(1));
  },
  "a prefix is dropped only below a synced mark": async ({ storage }) => {
    await append(storage, [inTerm(1), command(1, 1), command(2, 1), mark(1, 1, "keep")]);

    await claimRejects(Promise.resolve().then(() => storage.dropPrefix({ through: logIndex(2) })));
  },
  "a disk with room is not nearly full": async ({ storage }) => {
    claim(!storage.isNearlyFull(), "there is room");
  },
};

async function append(
  storage: LogStorage,
  records: readonly WalRecord[],
  known: { readonly commitIndex: number } = { commitIndex: 0 },
): Promise<void> {
  await storage.append({ records, commitIndex: logIndex(known.commitIndex) });
}

function inTerm(number: number, vote: "voted" | "not" = "not"): WalRecord {
  const votedFor = vote === "voted" ? voter : undefined;
  const hardState: HardState = { term: term(number), votedFor };
  return { kind: "hard-state", hardState };
}

function command(index: number, ofTerm: number, bytes = 3): WalRecord & { readonly kind: "entry" } {
  const payload = new Uint8Array(bytes).fill(index);
  const entry: Entry = { index: logIndex(index), term: term(ofTerm), kind: "command", payload };
  return { kind: "entry", entry };
}

function noop(index: number, ofTerm: number): WalRecord & { readonly kind: "entry" } {
  return { kind: "entry", entry: { index: logIndex(index), term: term(ofTerm), kind: "noop" } };
}

function members(index: number, ofTerm: number): WalRecord & { readonly kind: "entry" } {
  const position = { index: logIndex(index), term: term(ofTerm) };
  return { kind: "entry", entry: { ...position, kind: "configuration", configuration } };
}

const configuration: Configuration = {
  ...EMPTY_CONFIGURATION,
  voters: [voter],
  members: [{ id: voter, name: "nö", clientUrl: "ws://a:1", peerUrl: "ws://a:2" }],
};

function cut(from: number): WalRecord {
  return { kind: "truncate", from: logIndex(from) };
}

function mark(index: number, ofTerm: number, log: "keep" | "discard"): WalRecord {
  return { kind: "snapshot-mark", mark: { snapshot: snapshotAt(index, ofTerm), log } };
}

function snapshotAt(index: number, ofTerm: number): NonNullable<Recovered["snapshot"]> {
  return { index: logIndex(index), term: term(ofTerm), hash: "ab".repeat(32), configuration };
}

function entryOf(record: WalRecord & { readonly kind: "entry" }): Entry {
  return record.entry;
}

function sizeOf(entry: Entry): number {
  return entry.kind === "command" ? entry.payload.byteLength : 0;
}
