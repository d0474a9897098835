// cluster-view.ts — many nodes' own views as one picture: who leads, how many may still fail, who differs.
// Pure. Where views disagree, the highest term that names a leader wins: an old leader that was cut off
// still says so of itself, but never in the newest term.
import type { NamedMember, NodeView, StateHash } from "./node-view.ts";

export interface MemberStatus {
  readonly id: string;
  readonly name: string;
  /** Null where the node does not answer, and so all that only it can know. */
  readonly role: string | null;
  readonly clientUrl: string | null;
  readonly peerUrl: string | null;
  readonly term: number | null;
  readonly lastIndex: number | null;
  readonly commitIndex: number | null;
  readonly appliedIndex: number | null;
  readonly snapshotIndex: number | null;
  readonly stateHash: StateHash | null;
  readonly reachable: boolean;
}

export interface ClusterStatus {
  readonly clusterId: string | null;
  readonly leader: string | null;
  readonly term: number | null;
  /**
   * How many more voters may fail before nothing can be decided. Below zero: nothing can, until as many
   * are back. Null: nobody who answers knows the voters.
   */
  readonly canLose: number | null;
  readonly members: readonly MemberStatus[];
}

export interface Stranger {
  readonly name: string;
  readonly clusterId: string;
}

export interface ClusterView {
  readonly status: ClusterStatus;
  /** Who belongs to another cluster than the one that is shown: the nodes that were asked are no one cluster. */
  readonly strangers: readonly Stranger[];
  /** What an operator should hear beside the table, each a sentence. */
  readonly remarks: readonly string[];
}

export function viewCluster(views: readonly NodeView[]): ClusterView {
  const ofCluster = views.find((view) => view.clusterId !== null)?.clusterId ?? null;
  const own = views.filter((view) => view.clusterId === null || view.clusterId === ofCluster);
  const strangers = views.flatMap(({ name, clusterId }) =>
    clusterId === null || clusterId === ofCluster ? [] : [{ name, clusterId }],
  );
  const leading = newestLeader(own);
  const named = membersOf(newestConfiguration(own, leading));
  const members = mergeMembers(named, own);
  const reachable = new Set(own.map((view) => view.id));
  return {
    status: {
      clusterId: ofCluster,
      leader: leading?.leader ?? null,
      term: leading?.term ?? highestTerm(own),
      canLose: canLose(
        named.filter((member) => member.voter),
        reachable,
      ),
      members,
    },
    strangers,
    remarks: differences(members),
  };
}

/** Hearsay of a leader that answers and does not say so itself is out of date. */
function newestLeader(
  views: readonly NodeView[],
): { readonly leader: string; readonly term: number } | undefined {
  let newest: { leader: string; term: number } | undefined;
  for (const { leader, term } of views) {
    if (leader === null || (newest !== undefined && term <= newest.term)) continue;
    const own = views.find((view) => view.name === leader);
    if (own === undefined || (own.role === "leader" && own.term === term))
      newest = { leader, term };
  }
  return newest;
}

function highestTerm(views: readonly NodeView[]): number | null {
  return views.reduce<number | null>((highest, view) => Math.max(highest ?? 0, view.term), null);
}

/** The leader's own, if it answers: it has the newest; otherwise that of the longest log. */
function newestConfiguration(
  views: readonly NodeView[],
  leading: { readonly leader: string; readonly term: number } | undefined,
): NodeView | undefined {
  const leader = views.find((view) => view.name === leading?.leader && view.term === leading.term);
  if (leader !== undefined) return leader;
  return [...views].sort((a, b) => b.term - a.term || (b.lastIndex ?? 0) - (a.lastIndex ?? 0))[0];
}

function membersOf(view: NodeView | undefined): readonly NamedMember[] {
  return view?.members ?? [];
}

function mergeMembers(
  named: readonly NamedMember[],
  views: readonly NodeView[],
): readonly MemberStatus[] {
  const byId = new Map(views.map((view) => [view.id, view]));
  const members = named.map((member) => describe(member, byId.get(member.id)));
  const namedIds = new Set(named.map((member) => member.id));
  const others = views
    .filter((view) => !namedIds.has(view.id))
    .map((view) => describe(undefined, view));
  return [...members, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(member: NamedMember | undefined, view: NodeView | undefined): MemberStatus {
  return {
    id: member?.id ?? view?.id ?? "",
    name: member?.name ?? view?.name ?? "",
    role: view === undefined ? null : roleOf(member, view),
    clientUrl: member?.clientUrl ?? null,
    peerUrl: member?.peerUrl ?? null,
    term: view?.term ?? null,
    lastIndex: view?.lastIndex ?? null,
    commitIndex: view?.commitIndex ?? null,
    appliedIndex: view?.appliedIndex ?? null,
    snapshotIndex: view?.snapshotIndex ?? null,
    stateHash: view?.stateHash ?? null,
    reachable: view !== undefined,
  };
}

function roleOf(member: NamedMember | undefined, view: NodeView): string {
  if (view.clusterId === null) return "unformed";
  return member !== undefined && !member.voter && view.role === "follower" ? "learner" : view.role;
}

/** What is there beyond a majority; whoever does not answer counts as failed already. */
function canLose(voters: readonly NamedMember[], reachable: ReadonlySet<string>): number | null {
  if (voters.length === 0) return null;
  const majority = Math.floor(voters.length / 2) + 1;
  return voters.filter((voter) => reachable.has(voter.id)).length - majority;
}

/** Equal logs give equal states (SEMANTICS I8): two hashes at one index that differ are an alarm. */
function differences(members: readonly MemberStatus[]): readonly string[] {
  const first = new Map<number, MemberStatus>();
  const remarks: string[] = [];
  for (const member of members) {
    if (member.stateHash === null) continue;
    const other = first.get(member.stateHash.index);
    if (other === undefined) first.set(member.stateHash.index, member);
    else if (other.stateHash?.hash !== member.stateHash.hash) {
      remarks.push(
        `the states of ${other.name} and ${member.name} differ at index ${member.stateHash.index}: one of them is wrong`,
      );
    }
  }
  return remarks;
}
