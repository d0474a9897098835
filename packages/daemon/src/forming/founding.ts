// founding.ts — what a founder without a cluster may do, given whom it has met (DESIGN §4, forming).
// Pure. Only the founder whose name sorts first ever writes a first configuration, and only while it
// sees all founders, all without a cluster, all started with the same list: so there can't be two.
import { addCommand, type Configuration, type Member, type NodeId } from "@rogerd/raft";
import type { PeerHello } from "../peers/peer-hello.ts";
import type { Founder } from "../settings/settings.ts";

export interface FoundingView {
  readonly self: Member;
  /** As this node was started; empty or itself alone: a cluster of one. */
  readonly founders: readonly Founder[];
  /** What those who are connected now have said, each under its name. */
  readonly met: readonly PeerHello[];
}

export type FoundingStep =
  | { readonly kind: "wait"; readonly missing: readonly string[] }
  /** We are the first, and all are here. */
  | { readonly kind: "found"; readonly configuration: Configuration }
  | { readonly kind: "bind"; readonly clusterId: string }
  /** Exit 78: only the operator can go on. */
  | { readonly kind: "fail"; readonly sentence: string };

export function decideFounding(view: FoundingView): FoundingStep {
  const fault = faultOfList(view) ?? faultOfMet(view);
  if (fault !== undefined) return { kind: "fail", sentence: fault };
  const bringer = view.met.find((hello) => hello.memberIds.includes(view.self.id));
  if (bringer?.clusterId !== undefined) return { kind: "bind", clusterId: bringer.clusterId };
  const others = namesOf(view.founders).filter((name) => name !== view.self.name);
  const missing = others.filter((name) => !view.met.some((hello) => hello.name === name));
  if (view.self.name !== firstFounder(view)) return { kind: "wait", missing };
  return asFirst(view, missing);
}

/** The one that may write the first configuration. */
export function firstFounder(view: Pick<FoundingView, "founders" | "self">): string {
  return namesOf(view.founders)[0] ?? view.self.name;
}

/** In an order that all nodes agree on. */
export function namesOf(founders: readonly Founder[]): readonly string[] {
  return founders.map((founder) => founder.name).sort(byCodeUnits);
}

export function listInWords(founders: readonly Founder[]): string {
  return founders
    .map(({ name, host, port }) => `${name}=${host}:${port}`)
    .sort(byCodeUnits)
    .join(",");
}

function asFirst(view: FoundingView, missing: readonly string[]): FoundingStep {
  if (missing.length > 0) return { kind: "wait", missing };
  const bound = view.met.filter((hello) => hello.clusterId !== undefined);
  const [one] = bound;
  if (one?.clusterId !== undefined) {
    return { kind: "fail", sentence: boundWithoutUs(bound, one.clusterId) };
  }
  return { kind: "found", configuration: firstConfiguration(view) };
}

function firstConfiguration(view: FoundingView): Configuration {
  const others = view.met.map(
    (hello): Member => ({
      id: hello.nodeId,
      name: hello.name,
      clientUrl: hello.clientUrl,
      peerUrl: hello.peerUrl,
    }),
  );
  const members = [view.self, ...others].sort((a, b) => byCodeUnits(a.id, b.id));
  const voters: NodeId[] = members.map((member) => member.id);
  return { voters, votersOutgoing: [], learners: [], members, removed: [] };
}

function faultOfList(view: FoundingView): string | undefined {
  const { founders, self } = view;
  if (founders.length === 0) return undefined;
  const names = namesOf(founders);
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined)
    return `--founders names ${repeated} twice: each founder needs its own name.`;
  if (names.includes(self.name)) return undefined;
  return `--founders (${listInWords(founders)}) does not name this node: add ${self.name}, or start it with the --name that the list has.`;
}

function faultOfMet(view: FoundingView): string | undefined {
  const names = namesOf(view.founders);
  for (const hello of view.met) {
    // Whoever is not on our list will see ours in the handshake; a stranger must not stop us.
    if (!names.includes(hello.name)) continue;
    const fault =
      hello.clusterId === undefined ? faultOfUnbound(view, hello) : notNamed(view, hello);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfUnbound(view: FoundingView, hello: PeerHello): string | undefined {
  const ours = listInWords(view.founders);
  const theirs = listInWords(hello.founders);
  if (ours === theirs) return undefined;
  return (
    `The founders were started with different lists: this node (${view.self.name}) with ` +
    `${ours || "none"}, ${hello.name} with ${theirs || "none"}. Start all of them with the same --founders.`
  );
}

/** M4: a wiped directory comes back as a new id, and that id is in no configuration. */
function notNamed(view: FoundingView, hello: PeerHello): string | undefined {
  if (hello.memberIds.length === 0 || hello.memberIds.includes(view.self.id)) return undefined;
  return (
    `${hello.name} belongs to cluster ${hello.clusterId ?? ""}, whose members do not include this data directory ` +
    `(node id ${view.self.id}): it neither votes nor joins. If it replaces a lost node, run ` +
    `\`rogerctl member remove ${view.self.name}\` and \`${addCommand(view.self)}\` against that cluster, ` +
    "and start it as that prints: with --join and the secret, without --founders."
  );
}

/** All are here, nobody has an entry, and some are bound to a cluster that we never heard of. */
function boundWithoutUs(bound: readonly PeerHello[], clusterId: string): string {
  const names = bound.map((hello) => hello.name).sort(byCodeUnits);
  return (
    `${names.join(", ")} ${names.length === 1 ? "is" : "are"} bound to cluster ${clusterId}, which this data directory does not know: ` +
    `the first founder lost its data before anyone had the first entry. Nothing was ever acknowledged; ` +
    `empty the data ${names.length === 1 ? "directory" : "directories"} of ${names.join(", ")} and start all founders again.`
  );
}

/** Never by locale: all nodes must agree who is first. */
function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
