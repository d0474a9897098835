// link-trials.ts — what every kind of hosts must do to real connections between real processes: a list of trials, each
// with hosts of its own. No trial has an upper bound for a time; what must not arrive is given a moment to do so.
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { HostName, Hosts, LinkRule, LinkTrouble } from "./hosts.ts";
import { WireEnd } from "./wire.ts";

export interface LinkTrial {
  readonly name: string;
  readonly needs: readonly LinkTrouble[];
  run(hosts: Hosts): Promise<void>;
}

/** What the hosts must have for any trial. */
export const trialHosts = { nodes: 3, clients: 2 };

const momentMs = 700;
const hourMs = 3_600_000;
const longLine = "x".repeat(300_000);

const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, momentMs));

interface Way {
  readonly from: HostName;
  readonly to: HostName;
}

/** A connection that is open; lines go both ways. */
class Wire implements AsyncDisposable {
  readonly near: WireEnd;
  readonly far: WireEnd;

  private constructor(ends: { readonly near: WireEnd; readonly far: WireEnd }) {
    this.near = ends.near;
    this.far = ends.far;
  }

  static async open(hosts: Hosts, way: Way): Promise<Wire> {
    const far = await listen(hosts, way);
    const wire = new Wire({ near: dial(hosts, way), far });
    await wire.carries("hello");
    await wire.answers("well met");
    return wire;
  }

  async carries(line: string): Promise<void> {
    this.near.say(line);
    await this.far.hears(line);
  }

  async answers(line: string): Promise<void> {
    this.far.say(line);
    await this.near.hears(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.near.kill(), this.far.kill()]);
  }
}

async function listen(hosts: Hosts, { from, to }: Way): Promise<WireEnd> {
  const { listenClient, listenPeer, within } = placeOf(hosts, to);
  const address = hosts.nodes.has(from) ? listenPeer : listenClient;
  const end = new WireEnd({ within, args: ["listen", address] });
  await end.is("listens");
  return end;
}

function dial(hosts: Hosts, { from, to }: Way): WireEnd {
  const { listenClient, advertisePeer } = placeOf(hosts, to);
  const address = hosts.nodes.has(from) ? advertisePeer : listenClient;
  return new WireEnd({ within: hosts.within(from), args: ["dial", address] });
}

function placeOf(hosts: Hosts, node: HostName) {
  const place = hosts.nodes.get(node);
  assert(place !== undefined, `no node ${node}`);
  return place;
}

async function cutBoth(hosts: Hosts, { from, to }: Way): Promise<void> {
  await hosts.link({ from, to }, { isCut: true });
  await hosts.link({ from: to, to: from }, { isCut: true });
}

async function assertNotHeard(end: WireEnd, line: string): Promise<void> {
  await moment();
  assert(!end.heard.includes(line), `${line.slice(0, 20)} was heard`);
}

/** At least so long, from when it is said until it is heard. */
async function assertTakes(atLeastMs: number, way: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  await way();
  const took = performance.now() - begun;
  assert(took >= atLeastMs, `it took ${took} ms only, not ${atLeastMs}`);
}

/** A cut of one direction, seen from both ends of a connection. */
async function tryCut(hosts: Hosts, way: Way): Promise<void> {
  await using wire = await Wire.open(hosts, way);
  await hosts.link(way, { isCut: true });
  wire.near.say("lost for now");
  await wire.answers("can you hear me?");
  await assertNotHeard(wire.far, "lost for now");
  await hosts.restore();
  await wire.far.hears("lost for now");
  // TCP sends nothing new before it knows that this has come.
  await wire.answers("now I hear you");
  await hosts.link({ from: way.to, to: way.from }, { isCut: true });
  wire.far.say("nor I you");
  await wire.carries("still here");
  await assertNotHeard(wire.near, "nor I you");
  await hosts.restore();
  await wire.near.hears("nor I you");
  const all = ["well met", "can you hear me?", "now I hear you", "nor I you"];
  assert.deepEqual(wire.near.heard, all);
}

/** Hundreds of lines at once come whole and in order. */
async function tryMany(wire: Wire): Promise<void> {
  const lines = Array.from({ length: 300 }, (_, at) => `line ${at} ${"y".repeat(2_000)}`);
  for (const line of lines) wire.near.say(line);
  await wire.far.hears(lines.at(-1) ?? "");
  const heard = wire.far.heard.filter((line) => line.startsWith("line "));
  assert.deepEqual(heard, lines);
}

/** Sent again by the kernel of this host's network. */
async function retransmitted(hosts: Hosts, host: HostName): Promise<number> {
  const command = [...hosts.within(host), "cat", "/proc/net/snmp"];
  const { stdout } = await promisify(execFile)("env", command);
  const [names = [], numbers = []] = stdout
    .split("\n")
    .filter((line) => line.startsWith("Tcp:"))
    .map((line) => line.split(" "));
  return Number(numbers[names.indexOf("RetransSegs")]);
}

/** A cut between two, and everybody else. */
async function trySparesOthers(hosts: Hosts): Promise<void> {
  const others: readonly Way[] = [
    { from: "n2", to: "n1" },
    { from: "n3", to: "n2" },
    { from: "c1", to: "n3" },
    { from: "c2", to: "n2" },
  ];
  await cutBoth(hosts, { from: "n1", to: "n3" });
  await cutBoth(hosts, { from: "c1", to: "n2" });
  for (const way of others) {
    await using wire = await Wire.open(hosts, way);
    await wire.carries("as ever");
  }
}

async function tryDial(hosts: Hosts, cut: Way): Promise<void> {
  const way = { from: "n1", to: "n2" };
  await using far = await listen(hosts, way);
  await hosts.link(cut, { isCut: true });
  await using near = dial(hosts, way);
  near.say("anybody?");
  await near.is("dials");
  await moment();
  assert.deepEqual(far.states, ["listens"]);
  await hosts.restore();
  await far.hears("anybody?");
}

async function tryWithRule(
  hosts: Hosts,
  rule: LinkRule,
  look: (wire: Wire) => Promise<void>,
): Promise<void> {
  const way = { from: "n1", to: "n2" };
  await using wire = await Wire.open(hosts, way);
  await hosts.link(way, rule);
  await look(wire);
}

export const linkTrials: readonly LinkTrial[] = [
  {
    name: "a cut is of one direction, and what it held back comes when it is taken back",
    needs: ["isCut"],
    run: (hosts) => tryCut(hosts, { from: "n1", to: "n2" }),
  },
  {
    name: "so is one between a clients' machine and a node",
    needs: ["isCut"],
    run: (hosts) => tryCut(hosts, { from: "c2", to: "n3" }),
  },
  {
    name: "a cut holds for connections that the other end has dialled",
    needs: ["isCut"],
    run: async (hosts) => {
      await using wire = await Wire.open(hosts, { from: "n2", to: "n1" });
      await hosts.link({ from: "n1", to: "n2" }, { isCut: true });
      wire.far.say("lost for now");
      await wire.carries("can you hear me?");
      await assertNotHeard(wire.near, "lost for now");
      await hosts.restore();
      await wire.near.hears("lost for now");
    },
  },
  {
    name: "a cut both ways lets nothing through, and nobody hears that the other one has died",
    needs: ["isCut"],
    run: async (hosts) => {
      await using wire = await Wire.open(hosts, { from: "n1", to: "n2" });
      await cutBoth(hosts, { from: "n1", to: "n2" });
      wire.near.say("last words");
      wire.far.say("hello?");
      await assertNotHeard(wire.near, "hello?");
      await wire.near.kill();
      await assertNotHeard(wire.far, "last words");
      assert.deepEqual(wire.far.states, ["listens", "open"]);
      await hosts.restore();
      await wire.far.is("closed");
    },
  },
  {
    name: "nobody new gets through a cut of what he says",
    needs: ["isCut"],
    run: (hosts) => tryDial(hosts, { from: "n1", to: "n2" }),
  },
  {
    name: "nor through a cut of the answers",
    needs: ["isCut"],
    run: (hosts) => tryDial(hosts, { from: "n2", to: "n1" }),
  },
  { name: "a cut spares all others", needs: ["isCut"], run: trySparesOthers },
  {
    name: "a delay is of one direction",
    needs: ["delayMs"],
    run: (hosts) =>
      tryWithRule(hosts, { delayMs: 500 }, async (wire) => {
        await assertTakes(500, () => wire.carries("late"));
        await hosts.link({ from: "n1", to: "n2" }, { delayMs: hourMs });
        wire.near.say("in an hour");
        await wire.answers("today");
        await assertNotHeard(wire.far, "in an hour");
      }),
  },
  {
    name: "jitter delays by chance, and keeps the order",
    needs: ["jitterMs"],
    run: (hosts) =>
      tryWithRule(hosts, { jitterMs: 500 }, async (wire) => {
        // Two seconds, on average; less than this is as likely as three in a million.
        await assertTakes(375, async () => {
          for (let at = 0; at < 8; at += 1) await wire.carries(`ping ${at}`);
        });
        await tryMany(wire);
      }),
  },
  {
    name: "what is lost is sent again",
    needs: ["loss"],
    run: (hosts) =>
      tryWithRule(hosts, { loss: 0.1 }, async (wire) => {
        const before = await retransmitted(hosts, "n1");
        await tryMany(wire);
        const after = await retransmitted(hosts, "n1");
        assert(after > before, `nothing was sent again: ${before}, ${after}`);
      }),
  },
  {
    name: "a slow link takes its time",
    needs: ["bytesPerSecond"],
    run: (hosts) =>
      tryWithRule(hosts, { bytesPerSecond: 100_000 }, (wire) =>
        assertTakes(2_500, () => wire.carries(longLine)),
      ),
  },
  {
    name: "what waits for a slow link does not wait when that is restored",
    needs: ["bytesPerSecond"],
    run: (hosts) =>
      tryWithRule(hosts, { bytesPerSecond: 500 }, async (wire) => {
        wire.near.say(longLine);
        await assertNotHeard(wire.far, longLine);
        await hosts.restore();
        await wire.far.hears(longLine);
      }),
  },
  {
    name: "a rule takes the place of the one before",
    needs: ["delayMs", "isCut"],
    run: (hosts) =>
      tryWithRule(hosts, { delayMs: hourMs }, async (wire) => {
        wire.near.say("in an hour");
        await assertNotHeard(wire.far, "in an hour");
        await hosts.link({ from: "n1", to: "n2" }, { delayMs: 1 });
        await wire.far.hears("in an hour");
        await wire.carries("today");
      }),
  },
];
