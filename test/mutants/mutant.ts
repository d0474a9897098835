// mutant.ts — one seeded bug as data: where it goes, which text it replaces, and what is wrong then.
// The number is that of the bug in the list of bugs of other Raft implementations which this project
// keeps out; a letter after it tells several forms of one bug apart. X: bugs of our own kind.

export interface Mutant {
  /** `E1`, `R10b`, `X3`: unique. */
  readonly id: string;
  /** What is wrong with it in place, in a sentence. */
  readonly bug: string;
  /** From the project's root. */
  readonly file: string;
  /** Occurs exactly once in the file. Short, so that unrelated changes leave it alone. */
  readonly text: string;
  readonly replacement: string;
  /** Why nobody could tell the difference. Without it a mutant that survives is a missing test. */
  readonly equivalent?: string;
}
