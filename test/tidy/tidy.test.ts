// tidy.test.ts — the rules that a machine can check (TREE §8); each must also refuse a bad example.
import { describe, expect, test } from "vitest";
import { importsPointOneWay } from "./direction.ts";
import { everyFileIsReachable, sectionsExist, statesChangeAtTheirDoor } from "./doors.ts";
import {
  constructsWeDoNotWrite,
  filesAreSmall,
  filesSayWhatTheyDecide,
  functionsAreSmall,
  namesSayWhatIsKnown,
  todosHaveIssues,
} from "./form.ts";
import { onlyPlatformFilesTouchTheWorld, pureRoomsArePure } from "./purity.ts";
import type { Finding, SourceFile } from "./source.ts";
import { parseSource, readOthers, readSources, textFile } from "./source.ts";

type Rule = (files: readonly SourceFile[]) => Finding[];
interface Example {
  readonly path: string;
  readonly text: string;
}

const rules: Record<string, { readonly rule: Rule; readonly refuses: readonly Example[] }> = {
  "imports point one way": {
    rule: importsPointOneWay,
    refuses: [
      { path: "packages/raft/src/core/log.ts", text: 'import { x } from "./raft.ts";' },
      { path: "packages/raft/src/core/election.ts", text: 'import { x } from "./replication.ts";' },
      { path: "packages/raft/src/core/log.ts", text: 'import { x } from "../storage/disk.ts";' },
      { path: "packages/client/src/client.ts", text: 'import { x } from "@rogerd/daemon";' },
      {
        path: "packages/daemon/src/rogerctl/watch.ts",
        text: 'import { x } from "@rogerd/client";',
      },
      {
        path: "packages/daemon/src/daemon.ts",
        text: 'import { x } from "../../raft/src/core/log.ts";',
      },
      { path: "test/faults/checkers/a.ts", text: 'import { x } from "../report/words.ts";' },
    ],
  },
  "core and global-state have no clock, dice or await": {
    rule: pureRoomsArePure,
    refuses: [
      { path: "packages/raft/src/core/election.ts", text: "export const now = Date.now();" },
      { path: "packages/raft/src/core/election.ts", text: "export const x = Math.random();" },
      { path: "packages/global-state/src/apply.ts", text: "export async function apply() {}" },
      {
        path: "packages/global-state/src/apply.ts",
        text: 'export const c = "a".localeCompare("b");',
      },
      { path: "packages/raft/src/core/raft.ts", text: "setTimeout(() => {}, 1);" },
    ],
  },
  "only node-*.ts touches node:, timers, threads and ws": {
    rule: onlyPlatformFilesTouchTheWorld,
    refuses: [
      { path: "packages/raft/src/storage/wal/wal.ts", text: 'import { open } from "node:fs";' },
      { path: "packages/client/src/connection.ts", text: 'import { WebSocket } from "ws";' },
      { path: "packages/daemon/src/peers/peer-link.ts", text: "setTimeout(() => {}, 1);" },
      { path: "packages/client/src/keeper-thread.ts", text: "new SharedArrayBuffer(8);" },
      {
        path: "packages/client/src/keeper.ts",
        text: 'import { nodePlatform } from "./node-platform.ts";',
      },
      {
        path: "packages/client/src/browser.ts",
        text: 'import { nodePlatform } from "./node-platform.ts";',
      },
      {
        path: "packages/client/src/client.ts",
        text: 'import { browserPlatform } from "./browser-platform.ts";',
      },
    ],
  },
  "a file has at most 400 lines": {
    rule: filesAreSmall,
    refuses: [{ path: "packages/raft/src/core/raft.ts", text: "// x\n".repeat(401) }],
  },
  "a function has at most 60 lines": {
    rule: functionsAreSmall,
    refuses: [
      { path: "packages/raft/src/core/raft.ts", text: `function f() {\n${"f();\n".repeat(60)}}` },
    ],
  },
  "a file opens by saying what it decides": {
    rule: filesSayWhatTheyDecide,
    refuses: [{ path: "packages/raft/src/core/raft.ts", text: "export const x = 1;" }],
  },
  "names say what is known or decided": {
    rule: namesSayWhatIsKnown,
    refuses: [
      { path: "packages/raft/src/core/utils.ts", text: "// x" },
      { path: "packages/raft/src/core/a.ts", text: "class SessionManager {}" },
    ],
  },
  "no any, enum, default export, export *, !, cast, boolean parameter": {
    rule: constructsWeDoNotWrite,
    refuses: [
      { path: "packages/raft/src/a.ts", text: "let x: any;" },
      { path: "packages/raft/src/a.ts", text: "enum E { A }" },
      { path: "packages/raft/src/a.ts", text: "export default 1;" },
      { path: "packages/raft/src/a.ts", text: 'export * from "./b.ts";' },
      { path: "packages/raft/src/a.ts", text: "f(x!);" },
      { path: "packages/raft/src/a.ts", text: "f(x as string);" },
      { path: "packages/raft/src/a.ts", text: "export function f(on: boolean) {}" },
    ],
  },
  "a reminder carries an issue": {
    rule: todosHaveIssues,
    refuses: [{ path: "packages/raft/src/a.ts", text: `// ${["TO", "DO"].join("")} later` }],
  },
  "a state changes at its door only": {
    rule: statesChangeAtTheirDoor,
    refuses: [{ path: "packages/raft/src/core/election.ts", text: 'state.role = "leader";' }],
  },
  "every file is reachable from a door": {
    rule: everyFileIsReachable,
    refuses: [{ path: "packages/raft/src/core/lost.ts", text: "// x" }],
  },
  "every § is a section of the thesis": {
    rule: sectionsExist,
    refuses: [{ path: "packages/raft/src/a.ts", text: "// as in §12.3" }],
  },
};

const sources = readSources();

describe("tidy", () => {
  for (const [claim, { rule, refuses }] of Object.entries(rules)) {
    test(claim, () => {
      const found = rule(sources).map(({ at, says }) => `${at}  ${says}`);

      expect(found).toEqual([]);
    });

    test.each(refuses)(`${claim} › refuses $path: $text`, (example) => {
      expect(rule([parseSource(example)])).not.toEqual([]);
    });
  }

  test("a file of another language has at most 400 lines, too", () => {
    const long = textFile({ path: "test/faults/shims/disk-shim.c", text: "// x\n".repeat(401) });
    const others = readOthers();

    expect(others.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["test/faults/hosts/network.c", "scripts/bootstrap.mjs"]),
    );
    expect(filesAreSmall(others)).toEqual([]);
    expect(filesAreSmall([long])).not.toEqual([]);
  });
});
