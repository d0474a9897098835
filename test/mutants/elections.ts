// elections.ts — seeded bugs of elections, terms and votes (§3.4, §3.6.1, §3.8, §4.2.3, §9.6).
import type { Mutant } from "./mutant.ts";

const core = "packages/raft/src/core";

export const elections: readonly Mutant[] = [
  {
    id: "E1",
    bug: "a vote is granted and never written to disk",
    file: `${core}/roles.ts`,
    text: "out.persistHardState(state.hardState);",
    replacement: "",
  },
  {
    id: "E1b",
    bug: "a granted vote leaves before it is on disk",
    file: `${core}/election.ts`,
    text: 'step.out.sendOncePersisted({ kind: "vote-granted", ...answer });',
    replacement: 'step.out.send({ kind: "vote-granted", ...answer });',
  },
  {
    id: "E1c",
    bug: "a candidate asks for votes before its own term and vote are on disk",
    file: `${core}/election.ts`,
    text: 'step.out.sendOncePersisted({ kind: "request-vote", ...request });',
    replacement: 'step.out.send({ kind: "request-vote", ...request });',
  },
  {
    id: "E2",
    bug: "a repeated request of the candidate voted for is granted without looking at its log",
    file: `${core}/election.ts`,
    text: "return isFree && log.isAtMostAsUpToDateAs(",
    replacement:
      "return (request.term === hardState.term && votedFor === request.from) || isFree && log.isAtMostAsUpToDateAs(",
  },
  {
    id: "E3",
    bug: "whoever steps down within a term forgets its vote",
    file: `${core}/roles.ts`,
    text: "leaveRole(state, step.out);",
    replacement: `leaveRole(state, step.out);
  if (!wasFollower && leaderId === undefined) {
    state.hardState = { term: state.hardState.term, votedFor: undefined };
    step.out.persistHardState(state.hardState);
  }`,
  },
  {
    id: "E4",
    bug: "node.json is believed though it does not match its checksum",
    file: "packages/raft/src/storage/data-folder.ts",
    text: 'checksumOf(checked) === plain["checksum"] ? known : undefined',
    replacement: "known",
  },
  {
    id: "E5",
    bug: "logs are compared by their length alone",
    file: `${core}/log.ts`,
    text: "if (last.term !== this.lastTerm) return last.term > this.lastTerm;",
    replacement: "",
  },
  {
    id: "E5b",
    bug: "a log must be both longer and of a later term to get a vote",
    file: `${core}/log.ts`,
    text: "if (last.term !== this.lastTerm) return last.term > this.lastTerm;",
    replacement: "if (last.term < this.lastTerm) return false;",
  },
  {
    id: "E6",
    bug: "votes are counted, not voters: a repeated vote counts twice",
    file: `${core}/election.ts`,
    text: 'return hasQuorum(state.configurations.inForce, role.granted) ? "won" : "open";',
    replacement: `role.count = (role.count ?? 0) + 1;
  return role.count * 2 > state.configurations.inForce.voters.length ? "won" : "open";`,
  },
  {
    id: "E8",
    bug: "a late vote of an earlier term counts in this one",
    file: `${core}/raft.ts`,
    text: "if (term < state.hardState.term) return this.#onEarlierTerm(message, step);",
    replacement:
      'if (term < state.hardState.term && message.kind !== "vote-granted") return this.#onEarlierTerm(message, step);',
  },
  {
    id: "E8b",
    bug: "a late pre-vote of an earlier round counts in this one",
    file: `${core}/election.ts`,
    text: 'if (message.term !== termAfter(state.hardState.term)) return "open";',
    replacement: "",
  },
  {
    id: "E9",
    bug: "votes of learners and strangers count",
    file: `${core}/quorum.ts`,
    text: "return agreedValue(configuration, (voter) => (granted.has(voter) ? 1 : 0)) === 1;",
    replacement: "return granted.size >= majorityOf(configuration.voters.length);",
  },
  {
    id: "E10",
    bug: "a learner refuses to vote, though the candidate knows it as a voter",
    file: `${core}/election.ts`,
    text: "if (wasRemoved(state, message.from)) return;",
    replacement:
      "if (wasRemoved(state, message.from) || !isVoter(state.configurations.inForce, state.nodeId)) return;",
  },
  {
    id: "E11",
    bug: "a second leader of the same term is followed without a word",
    file: `${core}/roles.ts`,
    text: "state.leaderOfTerm === undefined || state.leaderOfTerm === leaderId,",
    replacement: "true,",
  },
  {
    id: "E13",
    bug: "a refused pre-vote with a later term is not heeded",
    file: `${core}/raft.ts`,
    text: 'if (message.kind === "pre-vote-reply" && message.isGranted) {',
    replacement: 'if (message.kind === "pre-vote-reply") {',
  },
  {
    id: "E13b",
    bug: "a refused pre-vote tells the asked term instead of the refuser's own",
    file: `${core}/election.ts`,
    text: "const term = isGranted ? message.term : state.hardState.term;",
    replacement: "const { term } = message;",
  },
  {
    id: "E14",
    bug: "who has voted in this term refuses every pre-vote for the next",
    file: `${core}/election.ts`,
    text: "request.term > hardState.term ||",
    replacement: "false ||",
  },
  {
    id: "E15",
    bug: "a leader of an earlier term is never told that it was replaced",
    file: `${core}/raft.ts`,
    text: 'if (message.kind !== "heartbeat") return;',
    replacement: "return;",
  },
  {
    id: "E15b",
    bug: "stickiness is gone: who cannot hear the leader gets votes against it",
    file: `${core}/election.ts`,
    text: "return now - contact.heardAt < settings.electionTimeoutMinMs;",
    replacement: "return false;",
  },
  {
    id: "E15c",
    bug: "asking for pre-votes takes up a new term",
    file: `${core}/roles.ts`,
    text: 'takeRole(state, { role: { kind: "pre-candidate", granted: new Set() }, cause }, step.out);',
    replacement: `enterTerm(state, { term: termAfter(state.hardState.term), votedFor: undefined }, step.out);
  takeRole(state, { role: { kind: "pre-candidate", granted: new Set() }, cause }, step.out);`,
  },
  {
    id: "E17",
    bug: "a log whose first segments were dropped begins in term 0 again",
    file: "packages/raft/src/storage/wal/log-reader.ts",
    text: "this.positions = new LogPositions({ base, hardState, commitIndex });",
    replacement:
      "this.positions = new LogPositions({ base, hardState: FIRST_START.hardState, commitIndex });",
  },
  {
    id: "E18",
    bug: "a snapshot is installed under a candidate or leader",
    file: `${core}/install-snapshot.ts`,
    text: 'if (state.role.kind === "leader" || state.role.kind === "candidate") return;',
    replacement: "",
  },
  {
    id: "E18b",
    bug: "a node stops campaigning as soon as it has appended its removal, committed or not",
    file: `${core}/election.ts`,
    text: "return configurations.since(commitIndex).some((configuration) => isVoter(configuration, nodeId));",
    replacement: "return isVoter(configurations.inForce, nodeId);",
  },
  {
    id: "E19",
    bug: "a leader that no quorum answers leads on",
    file: `${core}/raft.ts`,
    text: "if (hasLostQuorum(this.#state, leader, step.now)) {",
    replacement: "if (false) {",
  },
  {
    id: "E20",
    bug: "refusing a vote puts off the refuser's own candidacy",
    file: `${core}/election.ts`,
    text: "const answer = { from: state.nodeId, to: message.from, term };",
    replacement: `restartElectionTimer(state, step);
  const answer = { from: state.nodeId, to: message.from, term };`,
  },
  {
    id: "E20b",
    bug: "all nodes wait equally long before they campaign",
    file: `${core}/state.ts`,
    text: "return state.prng.between({ from: electionTimeoutMinMs, to: electionTimeoutMaxMs });",
    replacement: "return electionTimeoutMinMs;",
  },
  {
    id: "E21",
    bug: "the candidate that has the vote is refused when it asks again",
    file: `${core}/election.ts`,
    text: "(votedFor === undefined || votedFor === request.from)",
    replacement: "votedFor === undefined",
  },
];
