// outgoing-frames.ts — a turn's messages to one peer, cut into as few frames as fit. Order is kept.
import type { Message, NodeId } from "@rogerd/raft";
import { messageBytes } from "./message-codec.ts";

/** What each peer gets of a turn's messages, in their order. */
export function byPeer(messages: readonly Message[]): ReadonlyMap<NodeId, readonly Message[]> {
  const [first] = messages;
  if (messages.length === 1 && first !== undefined) return new Map([[first.to, messages]]);
  const peers = new Map<NodeId, Message[]>();
  for (const message of messages) {
    const others = peers.get(message.to);
    if (others === undefined) peers.set(message.to, [message]);
    else others.push(message);
  }
  return peers;
}

/** Heartbeats, votes, acknowledgements: what goes even where entries and chunks must pause. */
export function isSmall(message: Message): boolean {
  if (message.kind === "install-snapshot") return false;
  return message.kind !== "append-entries" || message.entries.length === 0;
}

/** Runs of messages of at most `bytesAim` each; one that is larger goes alone. */
export function frameRuns(
  messages: readonly Message[],
  bounds: { readonly bytesAim: number },
): readonly (readonly Message[])[] {
  const runs: Message[][] = [];
  let run: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const more = messageBytes(message);
    if (run.length > 0 && bytes + more > bounds.bytesAim) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(message);
    bytes += more;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}
