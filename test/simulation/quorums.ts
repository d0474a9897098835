// quorums.ts — majorities counted anew and naively, as a second opinion beside the product's: a set is a
// quorum if it holds more than half of the voters, and while joint, of both halves (§4.3).
import type { Configuration } from "@rogerd/raft";

type Voting = Pick<Configuration, "voters" | "votersOutgoing">;

export function isQuorum(
  { voters, votersOutgoing }: Voting,
  has: (id: string) => boolean,
): boolean {
  if (voters.length === 0) return false;
  const isMajority = (half: readonly string[]): boolean =>
    half.length === 0 || half.filter(has).length * 2 > half.length;
  return isMajority(voters) && isMajority(votersOutgoing);
}

export function isVoterIn({ voters, votersOutgoing }: Voting, id: string): boolean {
  const either: readonly string[] = [...voters, ...votersOutgoing];
  return either.includes(id);
}

/** No quorum of one is without a member in each quorum of the other: all subsets are tried. */
export function quorumsOverlap(one: Voting, other: Voting): boolean {
  const ids = new Set<string>(
    [one, other].flatMap((each) => [...each.voters, ...each.votersOutgoing]),
  );
  const places = new Map([...ids].map((id, at) => [id, 1 << at]));
  for (let subset = 0; subset < 1 << places.size; subset += 1) {
    const isIn = (id: string): boolean => (subset & (places.get(id) ?? 0)) !== 0;
    if (isQuorum(one, isIn) && isQuorum(other, (id) => !isIn(id))) return false;
  }
  return true;
}

/** All that a configuration says, as one text. */
export function configurationText(configuration: Configuration): string {
  const { learners, members, removed, voters, votersOutgoing } = configuration;
  const places = members.map((member) => [
    member.id,
    member.name,
    member.clientUrl,
    member.peerUrl,
  ]);
  return JSON.stringify([voters, votersOutgoing, learners, removed, places]);
}
