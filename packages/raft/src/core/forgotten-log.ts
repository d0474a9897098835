// forgotten-log.ts — this node's disk has lost what the node had acknowledged: the leader of the term says
// so. Nothing in the protocol explains it; a vote may be forgotten, too. So the node must not go on
// (RAFT E4), nor start again (storage/forgotten-note.ts), and its operator is told. Seen only where a leader
// knows more of our log than we do.
import type { LogIndex, Term } from "./ids.ts";

export interface ForgottenLog {
  readonly term: Term;
  readonly acknowledged: LogIndex;
  readonly lastIndex: LogIndex;
}

export class ForgottenLogError extends Error {
  override readonly name = "ForgottenLogError";
  readonly exitCode = 65;
  readonly found: ForgottenLog;

  constructor(found: ForgottenLog) {
    const { acknowledged, lastIndex, term } = found;
    super(
      `The leader of term ${term} was told by this node that it had all entries through ${acknowledged} on its disk, ` +
        `but the log there ends with ${lastIndex}: the disk has lost writes that were synced.`,
    );
    this.found = found;
  }
}
