// exit-codes.ts — how rogerd ends (DESIGN §3). Each is told together with a sentence that says what to do.
// Never changes a code's meaning: units and scripts out there act on these numbers.

export const exitCodes = {
  /** By a signal, in order. */
  stopped: 0,
  bug: 1,
  /** `recover` only: the folder is as it should be, and was left so. */
  nothingToRecover: 1,
  usage: 2,
  damaged: 65,
  /** A port or a folder belongs to somebody else. */
  taken: 69,
  diskFailed: 74,
  settings: 78,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** In the words of the help page. */
export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: "stopped",
  1: "a bug",
  2: "wrong use",
  65: "data damaged",
  69: "port or folder taken",
  74: "a write to disk failed",
  78: "settings",
};

const all: readonly ExitCode[] = Object.values(exitCodes);

/** Of another process: a signal, or a number that is not ours, counts as a bug. */
export function exitCodeFrom(code: number | null): ExitCode {
  return all.find((known) => known === code) ?? exitCodes.bug;
}
