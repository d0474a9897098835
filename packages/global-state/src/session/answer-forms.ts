// answer-forms.ts — the numbers of kept answers in a snapshot; never reused.
export const forms = {
  ok: 1,
  memberAbsent: 2,
  memberPresent: 3,
  unchanged: 4,
  changed: 5,
  opened: 6,
  marked: 7,
  claimed: 8,
  duplicate: 9,
  replaced: 10,
  done: 11,
  ownedByNobody: 12,
  notOwner: 13,
  cleared: 14,
  ruleAdded: 15,
  held: 16,
  busy: 17,
  waiting: 18,
  cancelled: 19,
  released: 20,
  withdrawn: 21,
  notHolder: 22,
  otherToken: 23,
  started: 24,
  paused: 25,
  alreadyRunning: 26,
  alreadyWaiting: 27,
  alreadyFinished: 28,
  finished: 29,
  notRunning: 30,
  both: 31,
  notStarted: 32,
  quotaExceeded: 33,
  invalidArgument: 34,
  heldByRun: 35,
} as const;

const refusals: ReadonlySet<number> = new Set([
  forms.notStarted,
  forms.quotaExceeded,
  forms.invalidArgument,
]);

export function isFormOfRefusal(form: number): boolean {
  return refusals.has(form);
}
