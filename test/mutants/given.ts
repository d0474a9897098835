// given.ts — seeded bugs of what users give a client, and of what a node can't read.
import type { Mutant } from "./mutant.ts";

const client = "packages/client/src";
const protocol = "packages/protocol/src";

export const given: readonly Mutant[] = [
  {
    id: "X120",
    bug: "bytes and dates pass for maps, and are sent",
    file: `${protocol}/plain-value.ts`,
    text: 'if (!isMap(map) || kindOf(map) !== "Object") {',
    replacement: "if (!isMap(map)) {",
  },
  {
    id: "X121",
    bug: "half a surrogate pair is sent, and becomes another character on the way",
    file: `${protocol}/plain-value.ts`,
    text: 'const isRight = texts === "any" || isWellFormed(value);',
    replacement: "const isRight = texts !== undefined;",
  },
  {
    id: "X122",
    bug: "what wants a key or a job is named by anything",
    file: `${client}/given.ts`,
    text: 'if (typeof text === "string") continue;',
    replacement: "if (text !== undefined) continue;",
  },
  {
    id: "X125",
    bug: "a credential that is no text ends each connection, until the time is up",
    file: `${client}/connect-options.ts`,
    text: "credential: (path, given) => checkText(path, given, { lengthMax: credentialLengthMax }),",
    replacement: "credential: () => undefined,",
  },
  {
    id: "X126",
    bug: "a misspelt option of connect is silence",
    file: `${client}/connect-options.ts`,
    text: "if (known.includes(name)) continue;",
    replacement: "if (name !== undefined) continue;",
  },
  {
    id: "X127",
    bug: "a command that changes the state is asked as a read, without a number",
    file: `${client}/given.ts`,
    text: 'if (kind === "write" || !changesState({ command, args })) return;',
    replacement: 'if (command !== "") return;',
  },
  {
    id: "X128",
    bug: "a call without the options that it can't do without throws what the language throws",
    file: `${client}/given.ts`,
    text: "if (isObject(given)) return given;",
    replacement: "return isObject(given) ? given : {};",
  },
  {
    id: "X129",
    bug: "a node that refuses us for good is forgotten over another one that can't be reached",
    file: `${client}/leader-link.ts`,
    text: "return this.nodes().length === 0 ? this.#refusal : undefined;",
    replacement: "return undefined;",
  },
  {
    id: "X120b",
    bug: "a time to wait is left out where nothing is waited for",
    file: `${client}/given.ts`,
    text: 'if (!isPatient) throw wrongGiven("args.waitTimeoutMs", "is of no use: nothing is waited for");',
    replacement: "",
  },
  {
    id: "X123",
    bug: "a wait of no time is over before it is asked for",
    file: `${client}/given.ts`,
    text: 'typeof waitTimeoutMs === "number" && waitTimeoutMs > 0;',
    replacement: 'typeof waitTimeoutMs === "number";',
  },
  {
    id: "X124",
    bug: "a call that a node could not read is sent again for ever",
    file: `${client}/requests.ts`,
    text: "if (unread !== undefined && only !== undefined && calls.length === 1) {",
    replacement: "if (unread !== undefined && only !== undefined && calls.length === 0) {",
  },
  {
    id: "X124b",
    bug: "of several calls that a node could not read, all are sent together again",
    file: `${client}/requests.ts`,
    text: "if (unread !== undefined && this.#again.delete(call)) this.#suspects.add(call);",
    replacement: "",
  },
  {
    id: "X124c",
    bug: "who was given up while it went alone keeps all others waiting",
    file: `${client}/requests.ts`,
    text: "if (call === this.#alone) this.#letOthersGo();",
    replacement: "",
  },
];
