// messages.ts — what happens to messages: by default they arrive by themselves, after each command. A story
// holds a class of them, and delivers, drops or repeats what it wants when it wants.

import { messageWords } from "../message-words.ts";
import { linkOf, type Sent } from "../post.ts";
import type { Filter, Words } from "../words.ts";
import type { World } from "../world.ts";
import type { Act, Command } from "./command.ts";

const which = "[append-entries] [n1>n2 | from n1 | to n2] [first 2 | last]";

export const messages: Readonly<Record<string, Command>> = {
  hold: {
    usage: `hold ${which}`,
    does: "from now on these wait until they are delivered or dropped, and their sending is told",
    read: withFilter((world, filter) => world.post.hold(filter)),
  },
  delay: {
    usage: `delay ${which}`,
    does: "those on their way now wait until they are delivered or dropped; later ones do not",
    read: withFilter((world, filter) => {
      for (const sent of chosen(world, filter)) world.post.delay(sent);
    }),
  },
  flow: {
    usage: "flow",
    does: "nothing is held any more",
    read:
      () =>
      ({ world }) => {
        if (!world.post.flow()) world.fail("nothing is held");
      },
  },
  deliver: {
    usage: `deliver ${which}`,
    does: "these arrive, one after the other, oldest first",
    read: withFilter((world, filter) => {
      const sent = chosen(world, filter);
      world.post.take(sent);
      for (const each of sent) world.deliver(each);
    }),
  },
  drop: {
    usage: `drop ${which}`,
    does: "these are lost",
    read: withFilter((world, filter) => {
      const sent = chosen(world, filter);
      world.post.take(sent);
      tellEach(world, "lost", sent);
    }),
  },
  repeat: {
    usage: `repeat ${which}`,
    does: "these are on their way twice; the copies wait until they are delivered",
    read: withFilter((world, filter) => {
      for (const sent of chosen(world, filter)) world.post.repeat(sent);
    }),
  },
  mail: {
    usage: `mail ${which}`,
    does: "tells what is on its way",
    read: withFilter((world, filter) => tellEach(world, "on its way", world.post.select(filter))),
  },
  cut: {
    usage: "cut n1 n2 | cut n1>n2",
    does: "what is sent there, in both directions or in one, is lost",
    read: (words) => {
      const links = words.links();
      return ({ world }) => world.post.cut(links);
    },
  },
  isolate: {
    usage: "isolate n1 [n2]",
    does: "cuts all links between these and all others",
    read: (words) => {
      const names = words.nodes();
      return ({ world }) => isolate(world, names);
    },
  },
  heal: {
    usage: "heal",
    does: "no link is cut any more",
    read:
      () =>
      ({ world }) => {
        if (!world.post.heal()) world.fail("no link is cut");
      },
  },
};

function withFilter(act: (world: World, filter: Filter) => void): (words: Words) => Act {
  return (words) => {
    const filter = words.filter();
    return ({ world }) => act(world, filter);
  };
}

/** A story that means messages which are not there is wrong. */
function chosen(world: World, filter: Filter): readonly Sent[] {
  const sent = world.post.select(filter);
  return sent.length === 0 ? world.fail("nothing like that is on its way") : sent;
}

function tellEach(world: World, what: string, sent: readonly Sent[]): void {
  for (const { message } of sent) {
    world.trace.show(linkOf(message), [`${what}: ${messageWords(message)}`]);
  }
}

function isolate(world: World, names: readonly string[]): void {
  const outside = world.cluster.nodes
    .map(({ name }) => name)
    .filter((name) => !names.includes(name));
  for (const one of names) {
    for (const other of outside) {
      world.post.cut([
        [one, other],
        [other, one],
      ]);
    }
  }
}
