// preparing.ts — what a story says before its nodes run: who they are and what they find on their disks.
import { defaultCoreSettings } from "../../../packages/raft/src/core/settings.ts";
import type { PreparedDisk } from "../../../packages/raft/test/cluster.ts";
import type { Words } from "../words.ts";
import type { Act, Command } from "./command.ts";

export const preparing: Readonly<Record<string, Command>> = {
  cluster: {
    usage: "cluster n1 n2 [outgoing n1 n3] [learners n4] [outside n5] [unformed]",
    does: "the nodes; each has the configuration of the others as entry 1@t1, but not who is outside",
    read: readCluster,
  },
  disk: {
    usage: "disk n1 [n2] term 3 [vote n2] log 1 1 3",
    does: "finds this at its start: term, vote, and the term of each entry from 1 on",
    read: readDisk,
  },
  settings: {
    usage: "settings windowMessagesMax 2 [appendBytesMax 100]",
    does: "settings of the core, by their names",
    read: readSettings,
  },
  seed: {
    usage: "seed 7",
    does: "other dice for the election timeouts",
    read: (words) => {
      const seed = words.count("a seed");
      return ({ preparation }) => {
        preparation.seed = seed;
      };
    },
  },
};

function readCluster(words: Words): Act {
  const voters = words.newNodes();
  if (voters.length === 0) words.fail("who votes is missing");
  const votersOutgoing = words.took("outgoing") ? words.newNodes() : [];
  const learners = words.took("learners") ? words.newNodes() : [];
  const outside = words.took("outside") ? words.newNodes() : [];
  const isUnformed = words.took("unformed");
  return ({ preparation }) => {
    if (preparation.voters.length > 0) words.fail("a story has one cluster");
    Object.assign(preparation, { voters, votersOutgoing, learners, outside, isUnformed });
  };
}

function readDisk(words: Words): Act {
  const names = words.nodes();
  if (!words.took("term")) words.fail("term is missing");
  const term = words.count("a term");
  const votedFor = words.took("vote") ? words.node() : undefined;
  if (!words.took("log")) words.fail("log is missing");
  const log = words.counts();
  const found = votedFor === undefined ? { term, log } : { term, log, votedFor };
  return ({ preparation }) => {
    const configured: PreparedDisk = found;
    for (const name of names) preparation.disks[name] = configured;
  };
}

function readSettings(words: Words): Act {
  const chosen: Record<string, number> = {};
  while (!words.isEmpty) {
    const name = words.next("a setting");
    const isNumber = Object.entries(defaultCoreSettings).some(
      ([known, value]) => known === name && typeof value === "number",
    );
    if (!isNumber) words.fail(`${name} is no setting of the core`);
    chosen[name] = words.count(name);
  }
  return ({ preparation }) => {
    preparation.settings = { ...preparation.settings, ...chosen };
  };
}
