// doors.ts — one door per state (STYLE 8), every file reachable from a door, every `§` a real section.
import { posix } from "node:path";
import type { Finding, SourceFile, SyntaxNode } from "./source.ts";
import { finding, isSyntaxNode, walk } from "./source.ts";

/** Property → the only file that may assign it, within the room. */
const stateDoors: readonly {
  readonly room: string;
  readonly property: string;
  readonly door: string;
}[] = [
  { room: "packages/raft/src/core/", property: "role", door: "roles.ts" },
  { room: "packages/global-state/src/cancel/", property: "state", door: "cancel-mark.ts" },
  { room: "packages/client/src/", property: "sessionState", door: "session.ts" },
];

export function statesChangeAtTheirDoor(files: readonly SourceFile[]): Finding[] {
  return files
    .filter((file) => !file.isTest)
    .flatMap((file) =>
      [...walk(file.program)].flatMap((node) => {
        const property = assignedProperty(node);
        const rule = stateDoors.find(
          (each) => file.path.startsWith(each.room) && each.property === property,
        );
        if (rule === undefined || file.path.endsWith(`/${rule.door}`)) return [];
        return [
          finding(file, node.start, `assigns .${property}: only ${rule.room}${rule.door} may`),
        ];
      }),
    );
}

function assignedProperty(node: SyntaxNode): string | undefined {
  const left = node["left"];
  if (
    node.type !== "AssignmentExpression" ||
    !isSyntaxNode(left) ||
    left.type !== "MemberExpression"
  )
    return undefined;
  const property = left["property"];
  return isSyntaxNode(property) && typeof property["name"] === "string"
    ? property["name"]
    : undefined;
}

const extraDoors = [
  "packages/daemon/src/rogerd/main.ts",
  "packages/daemon/src/rogerctl/main.ts",
  // What the package exports where nobody asks for Node's.
  "packages/client/src/browser.ts",
  // Started as a thread, by its path.
  "packages/client/src/node-keeper.ts",
];

export function everyFileIsReachable(files: readonly SourceFile[]): Finding[] {
  const sources = files.filter((file) => /^packages\/[^/]+\/src\//.test(file.path) && !file.isTest);
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const pending = sources
    .map((file) => file.path)
    .filter((path) => /^packages\/[^/]+\/src\/index\.ts$/.test(path) || extraDoors.includes(path));
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const imported of file.imports) {
      if (imported.startsWith("."))
        pending.push(posix.normalize(posix.join(posix.dirname(path), imported)));
    }
  }
  return sources
    .filter((file) => !reached.has(file.path))
    .map((file) => ({
      at: file.path,
      says: "no door leads here: export it, use it, or delete it",
    }));
}

/** Sections of the thesis that exist; our own pages are cited with their name. */
const thesisSection = /^\d+(?:\.\d+){0,2}$/;
const lastSubsection: Record<string, number> = {
  "1": 0,
  "2": 5,
  "3": 10,
  "4": 5,
  "5": 5,
  "6": 5,
  "7": 4,
  "8": 4,
  "9": 7,
  "10": 3,
  "11": 4,
};

export function sectionsExist(files: readonly SourceFile[]): Finding[] {
  return files
    .filter((file) => !file.path.startsWith("test/tidy/"))
    .flatMap((file) =>
      [
        ...file.text.matchAll(
          /(DESIGN|SEMANTICS|STYLE|TREE|TOOLCHAIN|thesis)?,? ?§ ?(\d+(?:\.\d+)*)/g,
        ),
      ].flatMap((match) => {
        const [, page, section = ""] = match;
        if (page !== undefined && page !== "thesis") return [];
        const [chapter = "", sub = "0"] = section.split(".");
        const exists =
          thesisSection.test(section) && Number(sub) <= (lastSubsection[chapter] ?? -1);
        if (exists) return [];
        return [
          finding(
            file,
            match.index,
            `§${section} is no section of the thesis: name the page it is of`,
          ),
        ];
      }),
    );
}
