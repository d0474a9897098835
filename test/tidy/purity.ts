// purity.ts — where no clock, dice, disk or socket may be (DESIGN §4, §8; STYLE 13).
import type { Finding, SourceFile, SyntaxNode } from "./source.ts";
import { finding, isSyntaxNode, walk } from "./source.ts";

const pureRooms = ["packages/raft/src/core/", "packages/global-state/src/"];
const clocksAndDice = new Set([
  "Date",
  "Intl",
  "process",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "performance",
  "crypto",
]);

/** The world of a page, which knows nothing of Node's: what its door loads is seen to by browser-build.e2e.test.ts. */
const browserPlatform = "packages/client/src/browser-platform.ts";

/** Pure functions of Node that a file outside `node-*.ts` may use. */
const pureImports: Record<string, readonly string[]> = {
  "packages/raft/src/storage/checksum.ts": ["node:zlib", "node:crypto"],
};

/** The rooms below the command line take the world as a parameter; only `node-*.ts` touches it. */
const platformRooms = [
  "packages/raft/src/",
  "packages/global-state/src/",
  "packages/protocol/src/",
  "packages/client/src/",
  "packages/daemon/src/",
];
/** The command lines are the real world themselves. */
const commandLines = [
  "packages/daemon/src/rogerd/",
  "packages/daemon/src/rogerctl/",
  "packages/daemon/src/settings/load-settings",
];

export function pureRoomsArePure(files: readonly SourceFile[]): Finding[] {
  const pure = files.filter(
    (file) => !file.isTest && pureRooms.some((room) => file.path.startsWith(room)),
  );
  return pure.flatMap((file) => [...walk(file.program)].flatMap((node) => impurities(file, node)));
}

function impurities(file: SourceFile, node: SyntaxNode): Finding[] {
  const name = node["name"];
  if (node.type === "Identifier" && typeof name === "string" && clocksAndDice.has(name)) {
    return [finding(file, node.start, `uses ${name}: time and chance come in as parameters`)];
  }
  const property = node["property"];
  if (node.type === "MemberExpression" && isSyntaxNode(property)) {
    const object = node["object"];
    const whole = `${isSyntaxNode(object) ? String(object["name"]) : ""}.${String(property["name"])}`;
    if (whole === "Math.random")
      return [finding(file, node.start, "uses Math.random: take seeded dice")];
    if (property["name"] === "localeCompare")
      return [finding(file, node.start, "sorts by locale: compare code units")];
  }
  const isAsync = node["async"] === true || node.type === "AwaitExpression";
  if (isAsync)
    return [finding(file, node.start, "is asynchronous: a step is one synchronous call")];
  return [];
}

export function onlyPlatformFilesTouchTheWorld(files: readonly SourceFile[]): Finding[] {
  const guarded = files.filter(
    (file) =>
      !file.isTest &&
      platformRooms.some((room) => file.path.startsWith(room)) &&
      !commandLines.some((room) => file.path.startsWith(room)) &&
      !/\/node-[^/]+\.ts$/.test(file.path) &&
      file.path !== browserPlatform,
  );
  return guarded.flatMap((file) => [
    ...file.imports
      .filter(
        (name) =>
          (name.startsWith("node:") || name === "ws") && !pureImports[file.path]?.includes(name),
      )
      .map((name) =>
        finding(file, 0, `imports ${name}: only node-*.ts may; take it from the platform`),
      ),
    ...worldsOfClient(file),
    ...[...walk(file.program)].flatMap((node) => [...timers(file, node), ...threads(file, node)]),
  ]);
}

/** What is Node's in the client enters at its door alone: a door for browsers is without it. */
function worldsOfClient(file: SourceFile): Finding[] {
  const isInside = /^packages\/client\/src\/(?!index\.ts)/.test(file.path);
  const isBrowsers = file.path === "packages/client/src/browser.ts";
  return file.imports
    .filter((name) => isInside && /\/(node|browser)-[^/]+\.ts$/.test(name))
    .filter((name) => !isBrowsers || name !== "./browser-platform.ts")
    .map((name) => finding(file, 0, `imports ${name}: only the doors and node-*.ts may`));
}

/** Browsers have none of these without being asked, and a simulator none at all. */
const threadWords = new Set(["Worker", "SharedArrayBuffer", "Atomics", "MessageChannel"]);

function threads(file: SourceFile, node: SyntaxNode): Finding[] {
  const name = node["name"];
  if (node.type !== "Identifier" || typeof name !== "string" || !threadWords.has(name)) return [];
  return [finding(file, node.start, `uses ${name}: threads come from the platform`)];
}

function timers(file: SourceFile, node: SyntaxNode): Finding[] {
  const callee = node["callee"];
  if (node.type !== "CallExpression" || !isSyntaxNode(callee)) return [];
  const name = callee["name"];
  if (typeof name !== "string" || !/^(setTimeout|setInterval|setImmediate)$/.test(name)) return [];
  return [finding(file, node.start, `calls ${name}: timers come from the platform`)];
}
