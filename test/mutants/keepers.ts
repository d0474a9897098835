// keepers.ts — seeded bugs of keepalives from a thread of their own: a keeper is nobody but its client's, the lease
// counts what it says as what it is, and a program that hangs is kept no longer than it wished.
import type { Mutant } from "./mutant.ts";

const daemon = "packages/daemon/src";
const client = "packages/client/src";

export const keepers: readonly Mutant[] = [
  {
    id: "X90",
    bug: "a connection that has shown a secret takes a session from who speaks for it",
    file: `${daemon}/listener/connection.ts`,
    text: "const speaks = this.isListening && !this.#circle.keepers.isKeeper(this);",
    replacement: "const speaks = this.isListening;",
  },
  {
    id: "X91",
    bug: "a session is kept with a wrong secret",
    file: `${daemon}/request/keepalives.ts`,
    text: "if (!this.#isRight(whose)) {",
    replacement: "if (whose.openId.length === 0) {",
  },
  {
    id: "X92",
    bug: "a connection that has shown a secret asks whatever it likes",
    file: `${daemon}/request/route-request.ts`,
    text: "if (this.#parts.keepers.isKeeper(arrival.caller)) return keepsOnly();",
    replacement: "",
  },
  {
    id: "X93",
    bug: "a session has as many keepers as ask",
    file: `${daemon}/session/keepers.ts`,
    text: "if (keepers.size >= this.#keepersMax) return false;",
    replacement: "",
  },
  {
    id: "X94",
    bug: "a program that hangs is kept for ever",
    file: `${client}/keeper.ts`,
    text: "const isStalled = stalledMs > settings.maxStallMs;",
    replacement: "const isStalled = stalledMs > Number.MAX_SAFE_INTEGER + settings.maxStallMs;",
  },
  {
    id: "X95",
    bug: "the clocks are judged before what was confirmed while the loop was blocked",
    file: `${client}/lease.ts`,
    text: "if (elsewhere !== undefined) this.#count(elsewhere);",
    replacement: "",
  },
  {
    id: "X96",
    bug: "what a keeper heard counts from when its client hears of it",
    file: `${client}/keeper-thread.ts`,
    text: 'if (news.kind === "confirmed") this.#confirmed = news;',
    replacement:
      'if (news.kind === "confirmed") this.#confirmed = { ...news, sentAt: { monotonicMs: this.#parts.platform.monotonicNow(), wallMs: this.#parts.platform.wallNow() } };',
  },
  {
    id: "X97",
    bug: "a keeper keeps a session that its client has given up",
    file: `${client}/keepalives.ts`,
    text: "this.#thread?.leave();",
    replacement: "",
  },
  {
    id: "X98",
    bug: "a client that says goodbye hears from its keeper that its session has ended",
    file: `${client}/conversation.ts`,
    text: "this.#own.leaves();",
    replacement: "",
  },
  {
    id: "X130",
    bug: "a session that is being emptied is kept, as if it had not ended",
    file: "packages/global-state/src/global-state.ts",
    text: 'return session?.ending === "no" ? viewOf(session) : undefined;',
    replacement: "return session === undefined ? undefined : viewOf(session);",
  },
  {
    id: "X131",
    bug: "a leader that stands still between its timer and the end of the turn takes its own silence for the sessions'",
    file: `${daemon}/session/leases.ts`,
    text: "platform.afterTurn(() => this.#wake({ dueMs }));",
    replacement:
      "const lateMs = platform.monotonicNow() - dueMs;\n" +
      "      platform.afterTurn(() => this.#wake({ dueMs: platform.monotonicNow() - lateMs }));",
  },
];
