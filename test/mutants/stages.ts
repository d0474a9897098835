// stages.ts — which tests are asked about a seeded bug, the nearest first: they are the quickest, and
// should be the first to notice.

const nearby: Readonly<Record<string, readonly string[]>> = {
  "packages/raft/src/core/": ["packages/raft/test/thesis/"],
  "packages/raft/src/node/": ["packages/raft/test/driver/"],
};

/** Who is built on whom. */
const builtOn: Readonly<Record<string, readonly string[]>> = {
  raft: ["daemon"],
  "global-state": ["daemon"],
  protocol: ["client", "daemon"],
  client: [],
  daemon: [],
};

/** Each stage: parts of paths, as the test runner takes them. */
export function stagesOf(file: string): readonly (readonly string[])[] {
  const [, name = "", , room = ""] = file.split("/");
  const home = `packages/${name}/`;
  const near = room.endsWith(".ts") ? [] : [`${home}src/${room}/`];
  const first = [...near, ...near.flatMap((folder) => nearby[folder] ?? [])];
  const others = (builtOn[name] ?? []).map((other) => `packages/${other}/`);
  return [first, [home], ["test/scenarios/"], others].filter((stage) => stage.length > 0);
}
