// oracle.ts — sees all nodes of a test cluster at once and knows what no node can know: whether the
// promises of RAFT C hold between them (V1–V8, V10, V11). It is looked at after every step of every node.
import { assert } from "../src/core/assert.ts";
import { isVoter } from "../src/core/configuration.ts";
import type { Effect } from "../src/core/effect.ts";
import type { Entry } from "../src/core/entry.ts";
import { logIndex, type NodeId, type Term } from "../src/core/ids.ts";
import type { Ticket } from "../src/core/input.ts";
import type { Pledge } from "../src/core/message.ts";
import type { Positions } from "../src/core/state.ts";
import { type Cluster, nameOf } from "./cluster.ts";
import { checkConfigurations, isQuorum } from "./oracle-membership.ts";
import { type TestNode, textOf } from "./test-node.ts";

/** What one run of a node was seen to be. */
interface Seen {
  readonly incarnation: number;
  readonly positions: Positions;
  readonly log: readonly Entry[];
  readonly applied: readonly string[];
}

/** Steps that asked for none of these changed nothing that is looked at here. */
const telling: ReadonlySet<Effect["kind"]> = new Set([
  "persist",
  "commit",
  "role-changed",
  "readable",
  "truncated",
  "restore",
]);

export class Oracle {
  readonly #cluster: Cluster;
  readonly #leaders = new Map<Term, NodeId>();
  /** `index@term` → what it is and the term before it: by induction, equal prefixes (V3). */
  readonly #entries = new Map<string, string>();
  /** What was committed first at each index, from 1 (V5). */
  readonly #committed: {
    readonly term: Term;
    readonly text: string;
    /** The term in which it was: later leaders hold it, one of an earlier term may come late (V4). */
    readonly inTerm: Term;
  }[] = [];
  readonly #votes = new Map<string, NodeId>();
  readonly #durableTerms = new Map<NodeId, Term>();
  readonly #seen = new Map<NodeId, Seen>();
  readonly #reads = new Map<Ticket, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.watch = (node, effects) => this.#look(node, effects);
    for (const node of cluster.nodes) node.onRelease = (pledge) => this.#checkPledge(node, pledge);
  }

  /** Before a read is asked for: all that is acknowledged by now must be in its answer (V11). */
  beforeRead(ticket: Ticket): void {
    this.#reads.set(ticket, this.#committed.length);
  }

  get committedCount(): number {
    return this.#committed.length;
  }

  /** The texts that were committed, in order. */
  get committedTexts(): readonly string[] {
    return this.#committed.map(({ text }) => text);
  }

  #look(node: TestNode, effects: readonly Effect[]): void {
    const before = this.#seen.get(node.id);
    const isNewRun = before?.incarnation !== node.incarnation;
    if (!isNewRun && !effects.some(({ kind }) => telling.has(kind))) return;
    const positions = node.core.positions;
    const log = node.log();
    const sameRun = isNewRun ? undefined : before;
    this.#checkEntries(log, positions);
    if (positions.role === "leader") this.#checkLeader(node, log, sameRun);
    this.#checkCommitted(node, log, sameRun);
    checkConfigurations(node, { log, committedCount: this.committedCount });
    this.#checkApplied(node, effects, sameRun);
    this.#checkTerms(node, before);
    for (const effect of effects) {
      if (effect.kind === "readable") this.#checkRead(effect);
      if (effect.kind === "persist") checkCampaign(node, effect.release);
    }
    const { incarnation } = node;
    this.#seen.set(node.id, { incarnation, positions, log, applied: [...node.applied] });
  }

  /** V3: log matching. */
  #checkEntries(log: readonly Entry[], positions: Positions): void {
    let before: Entry | undefined;
    for (const entry of log) {
      const key = `${entry.index}@${entry.term}`;
      const known = this.#entries.get(key);
      const value = `${textOf(entry)} after ${before?.term ?? known?.split(" after ")[1] ?? 0}`;
      assert(known === undefined || known === value, `V3: ${key} is the same on all nodes`);
      const isComplete = before !== undefined || positions.baseIndex === 0;
      if (isComplete || known !== undefined) this.#entries.set(key, value);
      before = entry;
    }
  }

  #checkLeader(node: TestNode, log: readonly Entry[], before: Seen | undefined): void {
    const { baseIndex, term } = node.core.positions;
    const known = this.#leaders.get(term);
    assert(known === undefined || known === node.id, `V1: term ${term} has one leader`);
    this.#leaders.set(term, node.id);
    if (before?.positions.role === "leader" && before.positions.term === term) {
      const kept = before.log.filter((entry) => entry.index > baseIndex);
      const isAppendOnly = kept.every((entry, place) => log[place] === entry);
      assert(isAppendOnly, "V2: a leader only appends to its log");
      return;
    }
    for (const [place, { inTerm, term: committedTerm }] of this.#committed.entries()) {
      if (place < baseIndex || inTerm >= term) continue;
      const entry = log[place - baseIndex];
      const holds = entry?.term === committedTerm;
      assert(holds, `V4: the leader of term ${term} holds committed entry ${place + 1}`);
    }
  }

  #checkCommitted(node: TestNode, log: readonly Entry[], before: Seen | undefined): void {
    const { baseIndex, commitIndex, role, term } = node.core.positions;
    const from = before?.positions.commitIndex ?? 0;
    assert(commitIndex >= from, "V6: the commit index never goes down");
    if (commitIndex === from) return;
    for (let index = Math.max(from, baseIndex) + 1; index <= commitIndex; index++) {
      const entry = log[index - baseIndex - 1];
      assert(entry !== undefined, "V6: what is committed is in the log");
      const text = textOf(entry);
      const known = this.#committed[index - 1];
      if (known === undefined) {
        assert(index === this.#committed.length + 1, "V5: commits have no gaps");
        this.#committed.push({ term: entry.term, text, inTerm: term });
      }
      const agrees = known === undefined || (known.term === entry.term && known.text === text);
      assert(agrees, `V5: all agree on what is committed at ${index}`);
    }
    const last = log[commitIndex - baseIndex - 1];
    if (role !== "leader" || last === undefined) return;
    assert(last.term === term, "V6: a leader commits by counting only in its own term");
    this.#checkOnQuorum(node, last);
  }

  /** V6, V8: what a leader calls committed is on the disks of a quorum. */
  #checkOnQuorum(node: TestNode, entry: Entry): void {
    const holders = this.#cluster.nodes.filter(
      ({ disk }) =>
        disk.entryAt(entry.index)?.term === entry.term ||
        (disk.mark !== undefined && disk.mark.index >= entry.index),
    );
    const ids = new Set(holders.map(({ id }) => id));
    const configuration = node.core.status().configuration;
    assert(isQuorum(configuration, ids), `V8: entry ${entry.index} is on the disks of a quorum`);
  }

  /** V5: consecutive, each once in a run, and the fold of what was committed. */
  #checkApplied(node: TestNode, effects: readonly Effect[], before: Seen | undefined): void {
    const { applied } = node;
    // What a diverged node holds is wrong by definition, and nobody is to see it.
    if (node.core.status().isDiverged) return;
    const wasRestored = effects.some(({ kind }) => kind === "restore");
    if (before !== undefined) {
      assert(applied.length >= before.applied.length, "V9: the state never goes back");
      const isSame = before.applied.every((text, place) => applied[place] === text);
      assert(isSame || wasRestored, "V5: what is applied stays applied");
    }
    const isFold = applied.every((text, place) => this.#committed[place]?.text === text);
    assert(isFold, `V5: ${node.name} applied what was committed`);
  }

  #checkTerms(node: TestNode, before: Seen | undefined): void {
    const { term } = node.core.positions;
    const durable = node.disk.hardState.term;
    assert(term >= durable, "V7: a node is never behind its disk");
    assert(durable >= (this.#durableTerms.get(node.id) ?? 0), "V7: durable terms never go down");
    this.#durableTerms.set(node.id, durable);
    if (before === undefined || before.incarnation !== node.incarnation) return;
    assert(term >= before.positions.term, "V7: the term never decreases");
  }

  /** When a pledge leaves, what it says is on the disk of its sender (V7, V8). */
  #checkPledge(node: TestNode, pledge: Pledge): void {
    const { disk } = node;
    assert(disk.hardState.term >= pledge.term, "V8: the term of a pledge is on disk");
    if (pledge.kind === "append-accepted") return this.#checkAccepted(node, pledge);
    const candidate = pledge.kind === "request-vote" ? pledge.from : pledge.to;
    const key = `${nameOf(pledge.from)} in ${pledge.term}`;
    const known = this.#votes.get(key);
    assert(known === undefined || known === candidate, `V7: ${key} votes once`);
    this.#votes.set(key, candidate);
    const isDurable = disk.hardState.term > pledge.term || disk.hardState.votedFor === candidate;
    assert(isDurable, "V8: a vote is on disk before it is told");
  }

  #checkAccepted(node: TestNode, pledge: Extract<Pledge, { kind: "append-accepted" }>): void {
    const { disk } = node;
    const { matchIndex, term } = pledge;
    if (disk.hardState.term > term) return;
    const isThere = disk.lastIndex >= matchIndex;
    assert(isThere, `V8: ${node.name} has entry ${matchIndex} on disk when it says so`);
    const mine = disk.entryAt(matchIndex);
    const leader = this.#cluster.running.find(({ id }) => id === pledge.to);
    const theirs = leader?.log().find((entry) => entry.index === matchIndex);
    if (mine === undefined || theirs === undefined || leader?.core.positions.term !== term) return;
    assert(mine.term === theirs.term, "V8: what is acknowledged is what the leader has (R3)");
  }

  #checkRead(effect: Extract<Effect, { kind: "readable" }>): void {
    const acknowledged = this.#reads.get(effect.ticket) ?? 0;
    const isFresh = effect.index >= acknowledged;
    assert(
      isFresh,
      `V11: a read at ${effect.index} sees all ${acknowledged} acknowledged before it`,
    );
  }
}

/** When it is decided: once the request is on disk, its sender may have learned that it is none. */
function checkCampaign(node: TestNode, release: readonly Pledge[]): void {
  const isCampaign = release.some(({ kind }) => kind === "request-vote");
  if (isCampaign) assert(mayCampaign(node), "V10: only voters ask for votes");
}

/** By any configuration that may be the committed one, as far as it knows (§4.2.2). */
function mayCampaign(node: TestNode): boolean {
  const { commitIndex, lastIndex } = node.core.positions;
  for (let index: number = commitIndex; index <= lastIndex; index++) {
    if (isVoter(node.core.configurationAt(logIndex(index)), node.id)) return true;
  }
  return false;
}
