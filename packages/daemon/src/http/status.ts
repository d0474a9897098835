// status.ts — GET /status: the cluster as this node sees it, for operators and for rogerctl, which puts
// several views together. It is one node's view: nothing in it was asked of others.
import type { RaftStatus } from "@rogerd/raft";
import type { HttpResponse } from "../network.ts";
import { leaderHint } from "../request/redirect.ts";
import type { Self, StateHash } from "../request/surroundings.ts";
import { jsonReply } from "./reply.ts";

export function status(view: {
  readonly raft: RaftStatus;
  readonly self: Self;
  readonly stateHash: StateHash | undefined;
}): HttpResponse {
  const { raft, self, stateHash } = view;
  const { configuration } = raft;
  return jsonReply(200, {
    clusterId: self.clusterId() ?? null,
    node: { id: raft.nodeId, name: self.name },
    role: raft.role,
    term: raft.term,
    leader: leaderHint(raft),
    lastIndex: raft.lastIndex,
    commitIndex: raft.commitIndex,
    appliedIndex: raft.appliedIndex,
    snapshotIndex: raft.snapshotIndex,
    stateHash: stateHash ?? null,
    members: configuration.members.map(({ id, name, clientUrl, peerUrl }) => ({
      id,
      name,
      clientUrl,
      peerUrl,
      voter: configuration.voters.includes(id),
    })),
  });
}
