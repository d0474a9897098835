// time-out.ts — somebody has waited as long as it wanted to: it leaves the line, wherever it stands.
import type { Moment, State } from "../state.ts";
import { settle } from "./settle.ts";
import { endWait, keyOf, leaveLine, sessionOfWaiter } from "./wait.ts";
import type { Waiter } from "./waiter.ts";

export function timeOut(state: State, moment: Moment, waiter: Waiter): void {
  const row = keyOf(state, waiter);
  const session = sessionOfWaiter(state, waiter);
  leaveLine(state, { row, waiter, session });
  endWait(state, moment, { waiter, session, ending: { kind: "timed_out" } });
  settle(state, moment, row);
}
