// members.ts — POST /v1/admin/members: who is in the cluster, as the leader has it, and how far each is.
// A read: it changes nothing. Not linearizable; what is in force may not be committed yet, and says so.
import type { RaftStatus } from "@rogerd/raft";
import type { HttpRequest, HttpResponse } from "../network.ts";
import type { MembershipChanger } from "../request/surroundings.ts";
import { readJsonBody } from "./json-body.ts";
import { jsonReply } from "./reply.ts";
import { toLeader } from "./to-leader.ts";

export interface MembersParts {
  readonly node: Pick<MembershipChanger, "status">;
  readonly bounds: { readonly httpBodyBytesMax: number; readonly retryAfterMs: number };
}

export const membersPath = "/v1/admin/members";

export async function members(request: HttpRequest, parts: MembersParts): Promise<HttpResponse> {
  const { bounds, node } = parts;
  const body = await readJsonBody(request, bounds);
  if (body.kind === "refused") return body.reply;
  const status = node.status();
  const { retryAfterMs } = bounds;
  return toLeader(status, { path: membersPath, retryAfterMs }) ?? jsonReply(200, listOf(status));
}

function listOf(status: RaftStatus): object {
  const { configuration, followers, lastIndex, nodeId } = status;
  const { voters, votersOutgoing } = configuration;
  return {
    lastIndex,
    /** Between two sets of voters; the leader ends it. */
    joint: votersOutgoing.length > 0,
    members: configuration.members.map(({ id, name, clientUrl, peerUrl }) => {
      const follower = followers.find((each) => each.id === id);
      const msSinceHeard = id === nodeId ? 0 : (follower?.msSinceHeard ?? Infinity);
      return {
        id,
        name,
        clientUrl,
        peerUrl,
        role: voters.includes(id) ? "voter" : votersOutgoing.includes(id) ? "leaving" : "learner",
        leads: id === nodeId,
        matchIndex: id === nodeId ? lastIndex : (follower?.matchIndex ?? 0),
        snapshotSetbacks: follower?.snapshotSetbacks ?? 0,
        msSinceHeard: Number.isFinite(msSinceHeard) ? Math.round(msSinceHeard) : null,
      };
    }),
  };
}
