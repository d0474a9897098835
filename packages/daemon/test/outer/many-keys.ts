// many-keys.ts — a session that holds more keys than one entry frees: after its end further ones empty it.
import {
  jobId,
  key,
  type Origin,
  partitionId,
  type SessionId,
  type Submission,
  type Write,
} from "@rogerd/global-state";
import { encodeEntry } from "../../src/state/command-codec.ts";
import type { APort } from "./a-port.ts";

export const acme = partitionId("acme");

const none: Origin = { kind: "none" };

/** One entry of calls that nobody waits for. */
export async function applyAll(port: APort, submissions: readonly Submission[]): Promise<void> {
  const stamp = port.node.stamp();
  if (stamp === undefined) throw new Error("a leader that has applied its first entry");
  await port.node.propose(encodeEntry({ ...stamp, submissions }));
}

/** `acme` is started, and holders and waiters are known to every member. */
export async function startAcme(port: APort): Promise<void> {
  const writes: readonly Write[] = [
    { name: "admin.raiseFeatureLevel", args: { level: 2 } },
    { name: "partition.start", partition: acme, args: {} },
  ];
  await applyAll(
    port,
    writes.map((write) => ({ origin: none, write })),
  );
}

export async function holdManyKeys(port: APort, session: SessionId): Promise<void> {
  await startAcme(port);
  const holds = Array.from({ length: 1_500 }, (_, at): Submission => {
    const args = { key: key(`k-${at}`), owner: jobId("j"), waitTimeoutMs: undefined };
    return {
      origin: { kind: "session", session, sequence: at, floor: 0 },
      write: { name: "executionKey.acquire", partition: acme, args: { ...args, mode: "try" } },
    };
  });
  await applyAll(port, holds);
}
