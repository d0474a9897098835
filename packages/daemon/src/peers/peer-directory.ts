// peer-directory.ts — where a node can be reached. The configuration says it; a peer that is
// connected with us says it too, and that alone counts while our log is empty (a founder that has
// bound itself knows nobody yet). It decides nothing about membership (M10).
import { type Configuration, EMPTY_CONFIGURATION, type NodeId } from "@rogerd/raft";
import { peerPath } from "./peer-hello.ts";

export class PeerDirectory {
  readonly #self: NodeId;
  #configuration: Configuration = EMPTY_CONFIGURATION;
  readonly #told = new Map<NodeId, { readonly name: string; readonly peerUrl: string }>();

  constructor(parts: { readonly self: NodeId }) {
    this.#self = parts.self;
  }

  configure(configuration: Configuration): void {
    this.#configuration = configuration;
  }

  /** A connected peer says where it is. */
  tell(peer: { readonly nodeId: NodeId; readonly name: string; readonly peerUrl: string }): void {
    this.#told.set(peer.nodeId, { name: peer.name, peerUrl: peer.peerUrl });
  }

  /** Its last connection has closed: what it said no longer counts. */
  forget(nodeId: NodeId): void {
    this.#told.delete(nodeId);
  }

  /** With whom a connection should be held. */
  peers(): ReadonlySet<NodeId> {
    const ids = new Set([
      ...this.#configuration.members.map((member) => member.id),
      ...this.#told.keys(),
    ]);
    ids.delete(this.#self);
    return ids;
  }

  /** To be tried in turn. */
  addressesOf(nodeId: NodeId): readonly string[] {
    const member = this.#configuration.members.find((each) => each.id === nodeId);
    const urls = [member?.peerUrl, this.#told.get(nodeId)?.peerUrl].filter(
      (url) => url !== undefined,
    );
    return [...new Set(urls)].map((url) => `${url}${peerPath}`);
  }

  /** For log lines. */
  nameOf(nodeId: NodeId): string {
    const member = this.#configuration.members.find((each) => each.id === nodeId);
    return member?.name ?? this.#told.get(nodeId)?.name ?? nodeId;
  }
}
