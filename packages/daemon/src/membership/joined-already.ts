// joined-already.ts — what a node that is started with --join tells its operator when its directory belongs to
// a cluster: that --join is not read, and, once it knows the members, when the secret is of another
// cluster than this one. It only speaks: a supervisor starts a node again with what it began with.
import type { Configuration, NodeId } from "@rogerd/raft";
import type { Log, LogFields } from "../observe/log.ts";

export interface JoinedAlreadyParts {
  readonly log: Log;
  readonly self: { readonly id: NodeId; readonly name: string };
  readonly clusterId: string;
  readonly dataDir: string;
  /** As it was given. */
  readonly join: string;
  /** Whose place the secret lets a node take. */
  readonly invitedId: NodeId;
}

export class JoinedAlready {
  readonly #parts: JoinedAlreadyParts;
  #hasWarned = false;

  constructor(parts: JoinedAlreadyParts) {
    this.#parts = parts;
    const { log } = parts;
    log.info(this.#facts(), "join is not read: the directory belongs to a cluster");
  }

  /** A secret that ever let somebody in here, or could have, is a member or a tombstone. */
  configured({ members, removed }: Pick<Configuration, "members" | "removed">): void {
    const { clusterId, dataDir, invitedId, join, log, self } = this.#parts;
    const isNamed = (id: NodeId): boolean => members.some((member) => member.id === id);
    if (this.#hasWarned || !isNamed(self.id)) return;
    if (isNamed(invitedId) || removed.includes(invitedId)) return;
    this.#hasWarned = true;
    const says =
      `This node goes on in cluster ${clusterId}, to which ${dataDir} belongs. To join the cluster of ${join} instead, ` +
      `stop it, take it out of the old one (rogerctl member remove ${self.name}), and start it with an empty --data-dir; otherwise leave --join out.`;
    log.warn({ ...this.#facts(), says }, "the join secret is of another cluster");
  }

  #facts(): LogFields {
    const { clusterId, dataDir, join, self } = this.#parts;
    return { node: self.name, cluster: clusterId, directory: dataDir, join };
  }
}
