// told.ts — seeded bugs of what a session is told, and of what its client makes of it (SEMANTICS §4): nothing
// falls between a sync and the pushes behind it, and nothing that was given up stays.
import type { Mutant } from "./mutant.ts";

const state = "packages/global-state/src";
const daemon = "packages/daemon/src";
const client = "packages/client/src";

export const told: readonly Mutant[] = [
  {
    id: "X60",
    bug: "a session is pushed to from a moment after its sync: a grant in between is lost",
    file: `${daemon}/request/read.ts`,
    text: "if (from === undefined) caller.hearPushes();",
    replacement:
      "if (from === undefined) this.#parts.platform.afterTurn(() => caller.hearPushes());",
  },
  {
    id: "X60b",
    bug: "a further page makes a push connection, though nobody told there what was before",
    file: `${daemon}/request/read.ts`,
    text: "if (from === undefined) caller.hearPushes();",
    replacement: "caller.hearPushes();",
  },
  {
    id: "X61",
    bug: "a push overtakes the answer to the sync before it",
    file: `${daemon}/listener/outbox.ts`,
    text: "    this.#sendAnswers();\n    if (session !== this.#session) this.#sendPushes();",
    replacement: "    if (session !== this.#session) this.#sendPushes();",
  },
  {
    id: "X62",
    bug: "a state that was replaced keeps its push connections: what they missed is silence",
    file: `${daemon}/session/pushes.ts`,
    text: "for (const listener of this.#parts.sessions.listeners()) listener.missed();",
    replacement: "",
  },
  {
    id: "X63",
    bug: "a key that is released from elsewhere goes without a word to its holder",
    file: `${state}/execution-key/release-key.ts`,
    text: 'isOwn ? "released" : "removed"',
    replacement: '"released"',
  },
  {
    id: "X64",
    bug: "a wait whose end comes before the answer is waited for, for ever",
    file: `${client}/early-news.ts`,
    text: "if (this.#hasRoom()) this.#endings.set(ticket, ending);",
    replacement: "",
  },
  {
    id: "X65",
    bug: "a wait that a sync does not show any more is waited for all the same",
    file: `${client}/holdings.ts`,
    text: "for (const acquisition of this.#line.missingIn(view)) this.#settleMissing(acquisition, grants);",
    replacement: "",
  },
  {
    id: "X66",
    bug: "what is younger than a sync is judged by it",
    file: `${client}/holds.ts`,
    text: " || hold.revision > revision",
    replacement: "",
  },
  {
    id: "X67",
    bug: "a key is asked for again before what frees it is answered",
    file: `${client}/holdings.ts`,
    text: "if (freeing === undefined) acquisition.ask();",
    replacement: "if (freeing !== null) acquisition.ask();",
  },
  {
    id: "X68",
    bug: "what is owed is forgotten when the owner's other call comes to nothing",
    file: `${client}/holdings.ts`,
    text: "if (this.#owed.delete(name)) this.giveBack(acquisition.wanted.giveBack);",
    replacement: "",
  },
  {
    id: "X69",
    bug: "a held key does not say that its session's lease is lost",
    file: `${client}/holdings.ts`,
    text: "    this.#early.forget();\n    for (const acquisition",
    replacement: "    return;\n    for (const acquisition",
  },
  {
    id: "X70",
    bug: "a next job that its user has given up on its way is not given back",
    file: `${client}/finish-and-start.ts`,
    text: '    if (!("code" in start)) return heard',
    replacement:
      '    if (!next.isOpen) return answer.letGo();\n    if (!("code" in start)) return heard',
  },
  {
    id: "X71",
    bug: "who gives the start of the next job up gives up the finish, too",
    file: `${client}/finish-and-start.ts`,
    text: "if (!isUnsent) throw reason;",
    replacement: "throw reason;",
  },
  {
    id: "X72",
    bug: "a next job is asked for before what frees its key is answered",
    file: `${client}/holdings.ts`,
    text: "others: [wanted.name] };",
    replacement: "others: [] };",
  },
  {
    id: "X73",
    bug: "a start is asked for again though the state shows that it was granted: its own run refuses it",
    file: `${client}/holdings.ts`,
    text: "if (grant === undefined || this.#isAnothers(acquisition, grant)) return acquisition.askAgain();",
    replacement:
      "if (grant === undefined || grant.token > 0) return acquisition.askAgain();\n    void this.#isAnothers;",
  },
  {
    id: "X73b",
    bug: "a run that a sync shows is given to whoever waits to start it, also where it is another call's already",
    file: `${client}/holdings.ts`,
    text: "if (grant === undefined || this.#isAnothers(acquisition, grant)) return acquisition.askAgain();",
    replacement:
      "if (grant === undefined) return acquisition.askAgain();\n    void this.#isAnothers;",
  },
  {
    id: "X73c",
    bug: "a run that was fenced between two pages of a sync is given out",
    file: `${client}/session-pages.ts`,
    text: 'if (push.kind === "runFenced") this.#runs.delete(push.token);',
    replacement: "",
  },
  {
    id: "X73d",
    bug: "a sync asks again for a wait that is being withdrawn",
    file: `${client}/holdings.ts`,
    text: "if (freeing !== undefined) return void freeing.then(() => acquisition.askAgain());",
    replacement: "",
  },
  {
    id: "X74",
    bug: "a run hears nothing any more once its job has acquired its own key again",
    file: `${client}/holds.ts`,
    text: "    if (known !== undefined) return known;\n    const hold",
    replacement: "    void known;\n    const hold",
  },
  {
    id: "X74b",
    bug: "a release that frees nothing, since the key is a run's, ends the run for its client",
    file: `${client}/holds.ts`,
    text: "if (!this.hasRun(token)) this.end(token);",
    replacement: "this.end(token);",
  },
  {
    id: "X75",
    bug: "a client that is closed frees what it holds before it tells those who work under it",
    file: `${client}/client.ts`,
    text: "    this.#holdings.close(closedByUser);\n    await",
    replacement: "    await",
  },
  {
    id: "X75b",
    bug: "a key that was given back is given back once more at the end of its block",
    file: `${client}/held-key.ts`,
    text: "if (this.#isGivenBack || this.signal.aborted) return;",
    replacement: "if (this.signal.aborted) return;",
  },
  {
    id: "X75c",
    bug: "a run whose finish was refused is left running at the end of its block",
    file: `${client}/run.ts`,
    text: "if (isStillToDo(error)) this.#hasFinished = false;",
    replacement: "",
  },
  {
    id: "X76",
    bug: "a run of a session that is lost is finished in the next one",
    file: `${client}/holdings.ts`,
    text: "      standing?.checkLease();\n",
    replacement: "",
  },
  {
    id: "X76b",
    bug: "with the finish of a run that is lost with its session the next job is started in the next one",
    file: `${client}/holdings.ts`,
    text: "      run.standing.checkLease();\n",
    replacement: "",
  },
  {
    id: "X77",
    bug: "in a browser a connection that is given up is waited for until the other side closes it, too",
    file: `${client}/browser-platform.ts`,
    text: "afterTurn(() => this.#closed({ code: lost.code, reason }));",
    replacement: "void reason;",
  },
  {
    id: "X78",
    bug: "what is told of answers to come grows without a bound while a call is open",
    file: `${client}/early-news.ts`,
    text: "if (this.count < earlyNewsMax) return true;",
    replacement: "if (this.count >= 0) return true;",
  },
  {
    id: "X78b",
    bug: "what was told of an answer to come and forgotten for want of room is asked of nobody",
    file: `${client}/early-news.ts`,
    text: "if (number <= this.#forgottenThrough) this.#askState();",
    replacement: "",
  },
  {
    id: "X78c",
    bug: "a key that was granted after a withdrawal is forgotten when that is answered: nothing tells of its loss",
    file: `${client}/holds.ts`,
    text: "if (hold.name === name && hold.revision <= revision) this.end(token);",
    replacement: "if (hold.name === name) this.end(token);",
  },
  {
    id: "X78d",
    bug: "a call whose owner waits already is not told of the end that came before its answer",
    file: `${client}/holdings.ts`,
    text: "    this.#early.ended(ticket, { ending, revision });",
    replacement:
      "    if (this.#line.under(ticket).length === 0) this.#early.ended(ticket, { ending, revision });",
  },
  {
    id: "X78e",
    bug: "a wait that was taken back ends with the one that was taken away",
    file: `${client}/acquisition.ts`,
    text: "    if (revision < this.waitsSince.revision) return;",
    replacement: "",
  },
];
