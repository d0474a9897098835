// links.ts — seeded bugs of the way to the leader: the client's link, and a hand-over that fails.
import type { Mutant } from "./mutant.ts";

const core = "packages/raft/src/core";
const daemon = "packages/daemon/src";
const client = "packages/client/src";

export const links: readonly Mutant[] = [
  {
    id: "X110",
    bug: "a leader that said once that it does not lead is never asked again while another node is dead",
    file: `${client}/connection.ts`,
    text: "this.#isInDoubt = true;",
    replacement: "",
  },
  {
    id: "X110b",
    bug: "what a node announces of the leader leaves it in doubt",
    file: `${client}/connection.ts`,
    text: `this.#leader = frame.leader;
        this.#isInDoubt = false;`,
    replacement: "this.#leader = frame.leader;",
  },
  {
    id: "X111",
    bug: "what the former leader asked to wait for keeps calls from the next one",
    file: `${client}/conversation.ts`,
    text: `this.#pause?.cancel();
    this.#pause = undefined;
    this.#detach();`,
    replacement: "this.#detach();",
  },
  {
    id: "X112",
    bug: "a leader that hands over sends clients to itself as one that does not lead",
    file: `${daemon}/request/redirect.ts`,
    text: `if (status.role === "leader") return stillHereError(retryAfterMs);
  const leader = leaderHint(status);
  if (leader === null)`,
    replacement: `const leader = leaderHint(status);
  if (leader === null)`,
  },
  {
    id: "X112b",
    bug: "a leader that lost leadership in between sends clients to itself as one that does not lead",
    file: `${daemon}/request/redirect.ts`,
    text: `if (status.role === "leader") return stillHereError(retryAfterMs);
  const leader = leaderHint(status);
  return`,
    replacement: `const leader = leaderHint(status);
  return`,
  },
  {
    id: "X113",
    bug: "writes wait for a named node that is not there to take over",
    file: `${core}/leadership-transfer.ts`,
    text: 'isThere(state, { progress, now }) ? undefined : "unreachable";',
    replacement: 'true ? undefined : "unreachable";',
  },
  {
    id: "X114",
    bug: "rogerctl asks again for a hand-over that the cluster declined",
    file: `${daemon}/http/transfer-leader.ts`,
    text: "retryable: false };",
    replacement: "retryable: true };",
  },
];
