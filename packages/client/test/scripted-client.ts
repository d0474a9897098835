// scripted-client.ts — a client of the fake cluster whose state machine answers from a script: by command, one answer
// after the other.
import type { Request } from "@rogerd/protocol";
import type { FakeResult } from "./fake-cluster.ts";
import { aConnectedClient, type Situation } from "./situation.ts";

export const waiting = { status: "waiting", ticket: 31, position: 1 };
/** What a sync shows of a session that has nothing. */
export const nothing = {
  status: "synced",
  session: 1,
  endings: [],
  waits: [],
  holds: [],
  runs: [],
};

/** Answers of the state machine by command; the last of a list stays. */
export type Script = Readonly<Record<string, readonly FakeResult[]>>;

export interface ScriptedSituation extends Situation {
  /** What the leader was asked, but for sessions: command, and number if it has one. */
  readonly asked: () => string[];
  readonly requests: (command: string) => Request[];
  readonly answer: (script: Script) => void;
  readonly push: (push: object) => Promise<void>;
}

export async function aScriptedClient(script: Script, options = {}): Promise<ScriptedSituation> {
  const situation = await aConnectedClient(options);
  const { cluster, client, world } = situation;
  // Another openId each time.
  world.seeds = Array.from({ length: 500 }, (_, at) => at);
  let answers: Record<string, FakeResult[]> = {};
  const answer = (next: Script): void => {
    answers = Object.fromEntries(Object.entries(next).map(([name, all]) => [name, [...all]]));
  };
  answer(script);
  cluster.script = ({ command }) => {
    const all = answers[command] ?? (command === "session.sync" ? [nothing] : []);
    return all.length > 1 ? all.shift() : all[0];
  };
  const requests = (command: string): Request[] =>
    [...cluster.nodes.values()].flatMap((node) =>
      node.requests().filter((request) => request.command === command),
    );
  const leader = () => cluster.node(cluster.leader ?? "n1");
  return {
    ...situation,
    answer,
    requests,
    asked: () =>
      leader()
        .requests()
        .map(({ command, seq }) => (seq === undefined ? command : `${command} ${seq}`)),
    push: async (push) => {
      const session = client.session.id;
      leader().say({ kind: "pushes", session, pushes: [push] });
      await world.run(10);
    },
  };
}
