// tell-dropped.ts — everybody who waits, holds or runs in a partition is told that it is dropped: all of them in
// the entry that drops it, for none of it counts from then on, however long the emptying takes (SEMANTICS §4.7). The
// records themselves go elsewhere (empty-partition.ts), without another word.
import { assert } from "../assert.ts";
import type { Session } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import type { Partition } from "./partition.ts";

export function tellDropped(state: State, moment: Moment, partition: Partition): void {
  const told: Session[] = [];
  for (const session of state.sessions.rows()) if (session.ending === "no") told.push(session);
  // Rows come in no order.
  told.sort((one, other) => one.key - other.key);
  for (const session of told) tellOne(moment, { session, partition });
}

function tellOne(
  { notices }: Moment,
  told: { readonly session: Session; readonly partition: Partition },
): void {
  const { session, partition } = told;
  const { key: id, number } = partition;
  const to = session.key;
  for (const { scope, sequence, key: ticket } of session.waits.values()) {
    if (scope !== number) continue;
    const ending = { kind: "dropped" } as const;
    notices.push({ kind: "waitEnded", session: to, sequence, ticket, ending });
  }
  const of = { session: to, partition: id, cause: "dropped" } as const;
  for (const [token, { scope, key, holders }] of session.holds) {
    if (scope !== number || session.runs.has(token)) continue;
    const holder = holders.find((one) => one.token === token);
    assert(holder !== undefined, "a session knows what it holds");
    notices.push({ kind: "holdEnded", ...of, key, token: holder.token });
  }
  for (const { scope, key: jobId, token } of session.runs.values()) {
    if (scope === number) notices.push({ kind: "runFenced", ...of, jobId, token });
  }
}
