// log-raft-events.ts — what happens in Raft, as log lines in fixed words.
import type { Log } from "./log.ts";
import type { RaftEvents } from "./raft-events.ts";

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
    note: ({ message, fields }) => log.info({ node, ...fields }, `raft: ${message}`),
  });
}
