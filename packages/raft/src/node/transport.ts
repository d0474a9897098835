// transport.ts — how messages travel between nodes. May lose, repeat and delay; never alters.
import type { Configuration } from "../core/configuration.ts";
import type { Incarnation, NodeId } from "../core/ids.ts";
import type { Message } from "../core/message.ts";

export interface TransportReceiver {
  received(arrival: { readonly message: Message; readonly incarnation: Incarnation }): void;
  /** The last open connection to this run of the peer closed, and had lived at least an election timeout. */
  disconnected(peer: { readonly nodeId: NodeId; readonly incarnation: Incarnation }): void;
}

export interface Transport {
  /** Called once, before anything is sent. */
  attach(receiver: TransportReceiver): void;
  /** Takes all messages of one turn; one frame per peer. Unreachable peers: dropped silently. */
  send(messages: readonly Message[]): void;
  /** False while so much is waiting for this peer that bulk (entries, chunks) should pause. */
  hasRoom(peer: NodeId): boolean;
  /** Whom to be connected with from now on. */
  configure(configuration: Configuration): void;
}
