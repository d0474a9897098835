// direction.ts — imports point one way (DESIGN §2, TREE §2).
// Between packages, between the rooms of a package, and inside the Raft core, where duties do not
// know each other: what one decides, raft.ts tells the next. Between the rooms of the fault tests too: whoever
// judges a history does not know how it is shown.
import { posix } from "node:path";
import type { Finding, SourceFile } from "./source.ts";
import { finding } from "./source.ts";

const packagesSeen: Record<string, readonly string[]> = {
  raft: [],
  "global-state": [],
  protocol: ["global-state"],
  client: ["protocol"],
  daemon: ["protocol", "global-state", "raft"],
};

/** `rogerctl watch` sees the cluster as programs do (docs/decisions/0006); no daemon has a client in it. */
const clientInTheDaemon = "packages/daemon/src/rogerctl/node-changes.ts";

/** Inside raft/src: a room may import the rooms named here, and itself. */
const raftRooms: Record<string, readonly string[]> = {
  core: [],
  storage: ["core"],
  node: ["core", "storage"],
};

/** Rooms of test/faults and those that they may not know. */
const faultRooms: Record<string, readonly string[]> = {
  history: ["checkers", "log", "report"],
  log: ["report"],
  checkers: ["log", "report"],
};

/** Layers of raft/src/core, lowest first: a file imports lower layers, and its own only where named. */
const coreLayers: readonly (readonly string[])[] = [
  ["assert"],
  ["ids", "prng"],
  ["configuration", "forgotten-log", "settings"],
  ["entry", "message", "input", "effect"],
  ["log", "quorum", "progress", "configuration-history", "durability"],
  ["state", "outbox", "invariants", "status"],
  ["roles", "commit", "log-changes"],
  [
    "election",
    "append-entries",
    "replication",
    "install-snapshot",
    "send-snapshot",
    "read-index",
    "membership-change",
    "leadership-transfer",
    "own-log",
  ],
  ["waking"],
  ["raft"],
];
/** Layers whose files may know each other; duties may not. */
const sociableLayers = new Set([1, 2, 3, 4, 5, 6]);

/** In global-state no command's file calls another's; what several need is a noun's file. */
export function importsPointOneWay(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) =>
    file.imports.flatMap((imported) =>
      problemsOf(file, imported).map((says) => finding(file, 0, says)),
    ),
  );
}

function problemsOf(file: SourceFile, imported: string): string[] {
  if (file.path.startsWith("test/faults/")) return faultRoomProblems(file.path, imported);
  const home = /^packages\/([^/]+)\/src\//.exec(file.path)?.[1];
  if (home === undefined || file.isTest) return [];
  if (imported.startsWith("@rogerd/")) {
    const target = imported.slice("@rogerd/".length);
    if (packagesSeen[home]?.includes(target)) return [];
    if (file.path === clientInTheDaemon && target === "client") return [];
    return [
      `imports ${imported}, but ${home} may know only ${packagesSeen[home]?.join(", ") || "nobody"}: see DESIGN §2`,
    ];
  }
  if (!imported.startsWith(".")) return [];
  const target = posix.normalize(posix.join(posix.dirname(file.path), imported));
  if (!target.startsWith(`packages/${home}/src/`)) {
    return [`imports ${target}: enter another package by its door, @rogerd/…`];
  }
  if (home !== "raft") return [];
  return [...raftRoomProblems(file.path, target), ...coreProblems(file.path, target)];
}

function raftRoomProblems(from: string, to: string): string[] {
  const room = (path: string) => path.split("/")[3] ?? "";
  const [fromRoom, toRoom] = [room(from), room(to)];
  const known = raftRooms[fromRoom];
  if (known === undefined || fromRoom === toRoom || known.includes(toRoom)) return [];
  return [`imports ${to}: ${fromRoom}/ may know only ${known.join(", ") || "itself"}`];
}

function faultRoomProblems(from: string, imported: string): string[] {
  const room = from.split("/")[2] ?? "";
  const barred = faultRooms[room]?.find((other) => imported.startsWith(`../${other}/`));
  return barred === undefined ? [] : [`imports ${imported}: ${room}/ may not know ${barred}/`];
}

function coreProblems(from: string, to: string): string[] {
  const core = "packages/raft/src/core/";
  if (!from.startsWith(core) || !to.startsWith(core)) return [];
  const name = (path: string) => path.slice(core.length).replace(/\.ts$/, "");
  const layer = (path: string) => coreLayers.findIndex((names) => names.includes(name(path)));
  const [fromLayer, toLayer] = [layer(from), layer(to)];
  if (fromLayer < 0)
    return [`${name(from)}.ts has no layer: give it one in test/tidy/direction.ts`];
  if (toLayer < fromLayer) return [];
  if (toLayer === fromLayer && sociableLayers.has(fromLayer)) return [];
  return [
    `imports ${name(to)}.ts, which is not below it (TREE §2): return the fact and let raft.ts act on it`,
  ];
}
