// join-desk.ts — a node that wants in has come to a member: may it? Who knows the secret of an invitation takes
// that place with its own id, in one entry of the log; so a secret works once, whoever leads and
// whatever is repeated. "Joined" is said only of what is committed.
import { addCommand, type Configuration, type MembershipOutcome, type NodeId } from "@rogerd/raft";
import type { Log } from "../observe/log.ts";
import type { Platform } from "../platform.ts";
import type { MembershipChanger } from "../request/surroundings.ts";
import { invitedId } from "./invitation.ts";
import type { JoinAnswer, JoinRequest } from "./join-frames.ts";
import { refusalSentence } from "./refusal-words.ts";

export interface JoinDeskParts {
  readonly platform: Pick<Platform, "digest" | "isSameSecret">;
  readonly log: Log;
  readonly node: MembershipChanger;
  readonly clusterId: string;
  /** What peers present; undefined: anybody may. */
  readonly peerSecret: string | undefined;
}

const later = (sentence: string): JoinAnswer => ({ kind: "later", sentence });
const refused = (sentence: string): JoinAnswer => ({ kind: "refused", sentence });

export class JoinDesk {
  readonly #parts: JoinDeskParts;

  constructor(parts: JoinDeskParts) {
    this.#parts = parts;
  }

  async answer(request: JoinRequest): Promise<JoinAnswer> {
    const { clusterId, node, peerSecret, platform } = this.#parts;
    const given = request.credential;
    if (peerSecret !== undefined && !platform.isSameSecret({ given, expected: peerSecret })) {
      return refused(
        `its peer secret is not that of cluster ${clusterId}: give it the --peer-secret-file that all nodes have, if that is the cluster that it is to join; if not, correct --join`,
      );
    }
    const status = node.status();
    if (status.role !== "leader") {
      const leader = status.configuration.members.find(({ id }) => id === status.leaderId);
      if (leader === undefined) return later("no leader is known there");
      return { kind: "elsewhere", peerUrl: leader.peerUrl };
    }
    return this.#takePlace(status.configuration, request);
  }

  async #takePlace(configuration: Configuration, request: JoinRequest): Promise<JoinAnswer> {
    const id = invitedId(request.secret, this.#parts.platform);
    const isMember = configuration.members.some((each) => each.id === request.nodeId);
    const invited = configuration.members.find((each) => each.id === id);
    if (!isMember) {
      const { clusterId } = this.#parts;
      const found = { id, invitedName: invited?.name, configuration, clusterId };
      const objection = objectionTo(request, found);
      if (objection !== undefined) return refused(objection);
    }
    // Asked of a member too: while its own entry is not committed, another change is refused.
    const place = invited ?? { name: request.name, clientUrl: "", peerUrl: "" };
    const outcome = await this.#parts.node.changeMembership({
      change: { kind: "replace", id, member: { ...place, id: request.nodeId } },
      guard: "kept",
    });
    return this.#answerTo(outcome, request);
  }

  #answerTo(outcome: MembershipOutcome, { name, nodeId }: JoinRequest): JoinAnswer {
    const { clusterId, log, node } = this.#parts;
    if (outcome.kind === "changed") {
      log.info({ name, id: nodeId, index: outcome.index }, "node joined");
      return { kind: "joined", clusterId };
    }
    if (outcome.kind !== "refused") return later("leadership moved before it was through");
    const { reason } = outcome;
    if (reason === "not-a-member" && isNamed(node, nodeId)) return { kind: "joined", clusterId };
    const sentence = refusalSentence(reason, name);
    const isPassing = reason === "term-not-begun" || reason === "change-under-way";
    return isPassing ? later(sentence) : refused(sentence);
  }
}

/** It asked before, and what it asked for is committed: the answer was lost. */
function isNamed(node: MembershipChanger, nodeId: NodeId): boolean {
  return node.status().configuration.members.some(({ id }) => id === nodeId);
}

/** Names are unique: whoever has this one goes first, but nobody who lives. */
function inviteAgain(name: string, { members }: Configuration): string {
  const namesake = members.find((member) => member.name === name);
  const start = "and start it with the new secret";
  if (namesake === undefined) {
    return `run ${addCommand({ name, peerUrl: "HOST:PORT", clientUrl: "HOST:PORT" })}, ${start}`;
  }
  return `if the member ${name} that is there is gone for good, run rogerctl member remove ${name} and ${addCommand(namesake)}, ${start}; if it lives, choose another --name`;
}

function objectionTo(
  { name }: JoinRequest,
  found: {
    readonly id: NodeId;
    readonly invitedName: string | undefined;
    readonly configuration: Configuration;
    readonly clusterId: string;
  },
): string | undefined {
  const { clusterId, configuration, id, invitedName } = found;
  const again = inviteAgain(name, configuration);
  if (configuration.removed.includes(id)) {
    return `its join secret was used, or withdrawn: ${again}`;
  }
  if (invitedName === undefined) {
    return (
      `nobody was invited to cluster ${clusterId} with its join secret. If it is to join another cluster, ` +
      `name a member of that one in --join. Otherwise: ${again}`
    );
  }
  if (invitedName === name) return undefined;
  return `the invitation is for ${invitedName}, not for ${name}: start it with --name ${invitedName}`;
}
