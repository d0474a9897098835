// bound-founder.ts — what a founder that is bound to a cluster tells its operator (DESIGN §4): that the
// first founder lost its data before anybody had the first entry, and which directories to empty;
// and that `--founders` is no longer read. It only speaks; it changes nothing.
import type { Configuration } from "@rogerd/raft";
import type { Log } from "../observe/log.ts";
import type { PeerHello } from "../peers/peer-hello.ts";
import type { Founder } from "../settings/settings.ts";
import { listInWords, namesOf } from "./founding.ts";

export interface BoundFounderParts {
  readonly log: Log;
  readonly name: string;
  readonly clusterId: string;
  readonly dataDir: string;
  readonly founders: readonly Founder[];
  /** True once this node has the first entry: then a cluster exists and nothing is to be emptied. */
  readonly hasEntries: () => boolean;
}

export class BoundFounder {
  readonly #parts: BoundFounderParts;
  readonly #told = new Set<string>();
  #hasWarned = false;

  constructor(parts: BoundFounderParts) {
    this.#parts = parts;
  }

  /** A node without a cluster came by. */
  metUnbound(hello: PeerHello): void {
    const { log, name, clusterId, dataDir, hasEntries } = this.#parts;
    const isFirst = namesOf(hello.founders)[0] === hello.name;
    if (!isFirst || hasEntries() || this.#told.has(hello.nodeId)) return;
    this.#told.add(hello.nodeId);
    log.error(
      {
        node: name,
        cluster: clusterId,
        first: hello.name,
        directory: dataDir,
        says:
          `The first founder (${hello.name}) came back without the data of cluster ${clusterId}, and this node has no entry of it. ` +
          `If no founder has one, nothing was ever acknowledged: empty ${dataDir} here, and the data directory of every other founder that says the same, and start all founders again.`,
      },
      "first founder came back without its data",
    );
  }

  /** The cluster's configuration is known. A list that differs from it is told once. */
  configured(configuration: Pick<Configuration, "members">): void {
    const { log, founders } = this.#parts;
    if (this.#hasWarned || founders.length === 0 || configuration.members.length === 0) return;
    const members = configuration.members.map((member) => member.name).sort();
    if (members.join() === namesOf(founders).join()) return;
    this.#hasWarned = true;
    log.warn(
      { given: listInWords(founders), members: members.join(",") },
      "founders differ from those this directory was formed with",
    );
  }
}
