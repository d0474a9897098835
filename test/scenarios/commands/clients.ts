// clients.ts — what clients and operators ask of a node: proposals, reads, transfers, changes of membership.
import type { MembershipChange } from "../../../packages/raft/src/core/input.ts";
import { idOf, memberOf } from "../../../packages/raft/test/cluster.ts";
import type { Words } from "../words.ts";
import type { World } from "../world.ts";
import type { Act, Command } from "./command.ts";

export const clients: Readonly<Record<string, Command>> = {
  propose: {
    usage: 'propose n1 "late" [b c]',
    does: "one proposal, of one entry for each text",
    read: (words) => {
      const name = words.node();
      const texts = words.rest("a text");
      return ({ world }) => propose(world, name, texts);
    },
  },
  read: {
    usage: "read n1",
    does: "a linearizable read; its answer is the index at which it may be read",
    read: (words) => {
      const name = words.node();
      return ({ world }) => {
        const node = world.running(name);
        world.ask(world.numbered("read"), (ticket) => {
          world.oracle.beforeRead(ticket);
          node.input({ kind: "read", ticket });
        });
      };
    },
  },
  transfer: {
    usage: "transfer n1 [to n2]",
    does: "n1 is to hand leadership over, to n2 or to whom it chooses",
    read: (words) => {
      const name = words.node();
      const to = words.took("to") ? idOf(words.node()) : undefined;
      return ({ world }) => {
        const node = world.running(name);
        world.ask(world.numbered("transfer"), (ticket) => {
          node.input({ kind: "transfer", ticket, to });
        });
      };
    },
  },
  change: {
    usage: "change n1 add n4 | promote n4 | remove n3 | replace n3 by n4 | move n3 [insist]",
    does: "n1 is to change the membership; insist: though no majority of the new voters answers",
    read: readChange,
  },
};

function propose(world: World, name: string, texts: readonly string[]): void {
  const node = world.running(name);
  const before = node.core.positions;
  world.ask(texts.join(" "), (ticket) => {
    const payloads = texts.map((text) => new TextEncoder().encode(text));
    node.input({ kind: "propose", ticket, payloads });
  });
  const { lastIndex } = node.core.positions;
  if (world.post.isHolding || lastIndex === before.lastIndex) return;
  world.settle();
  // What was appended, and is not committed though everything went its way: that is worth a word.
  const { commitIndex } = node.core.positions;
  if (commitIndex < lastIndex) world.trace.say(name, [`commit stays ${commitIndex}`]);
}

function readChange(words: Words): Act {
  const name = words.node();
  const change = readMembershipChange(words);
  const guard = words.took("insist") ? "waived" : "kept";
  return ({ world }) => {
    const node = world.running(name);
    world.ask(world.numbered("change"), (ticket) => {
      node.input({ kind: "change-membership", ticket, change, guard });
    });
  };
}

function readMembershipChange(words: Words): MembershipChange {
  const verb = words.next("what is to change");
  switch (verb) {
    case "add":
      return { kind: "add-learner", member: memberOf(words.node()) };
    case "promote":
      return { kind: "promote", id: idOf(words.node()) };
    case "remove":
      return { kind: "remove", id: idOf(words.node()) };
    case "replace": {
      const id = idOf(words.node());
      if (!words.took("by")) words.fail("by is missing");
      return { kind: "replace", id, member: memberOf(words.node()) };
    }
    case "move": {
      const moved = words.node();
      const { clientUrl, id, peerUrl } = memberOf(moved);
      return {
        kind: "update-address",
        id,
        clientUrl: clientUrl.replace(moved, `new-${moved}`),
        peerUrl: peerUrl.replace(moved, `new-${moved}`),
      };
    }
    default:
      return words.fail(`${verb} is no change: add, promote, remove, replace, move`);
  }
}
