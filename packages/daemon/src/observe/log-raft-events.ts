// log-raft-events.ts — what happens in Raft, as log lines in fixed words.
import type { Log } from "./log.ts";
import type { RaftEvents } from "./raft-events.ts";

/** What somebody has to do something about. */
const forOperators: ReadonlySet<string> = new Set([
  "the disk is nearly full, proposals are refused",
  "snapshot chunk not loaded",
  "newest snapshot stored anew",
  "a restart will not know what the disk has lost",
]);

export function logRaftEvents(parts: {
  readonly log: Log;
  readonly node: string;
  readonly events: Pick<RaftEvents, "subscribe">;
}): void {
  const { log, node, events } = parts;
  events.subscribe({
    roleChanged: ({ role, term, leaderId, cause }) =>
      log.info({ node, role, term, leader: leaderId, cause }, "role changed"),
    snapshotStored: (snapshot) => log.info({ node, ...snapshot }, "snapshot stored"),
    snapshotInstalled: (snapshot) => log.info({ node, ...snapshot }, "snapshot installed"),
    configurationChanged: ({ voters, learners }) =>
      log.info({ node, voters, learners }, "configuration changed"),
    note: ({ message, fields }) => {
      const level = forOperators.has(message) ? "warn" : "info";
      log[level]({ node, ...fields }, `raft: ${message}`);
    },
  });
}
