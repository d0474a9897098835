// browser-build.e2e.test.ts — what a browser gets of the client contains nothing of Node: it is loaded, module by
// module, into a context that has what a page has, and works there against a cluster. Node itself gets `ws`.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFailed, test } from "vitest";
import { ClientProcess } from "../processes/client-process.ts";
import { TestCluster } from "../processes/test-cluster.ts";
import { projectRoot } from "../project-root.ts";

interface Fact {
  readonly loaded?: readonly string[];
}

test("the client works where there is nothing but a page, and loads neither ws nor a module of Node", async () => {
  await using cluster = await TestCluster.start({ nodes: 1 });
  onTestFailed(() => console.error(cluster.logs()));
  await using page = new ClientProcess<Fact>({
    program: "browser-page",
    args: cluster.endpoints,
    within: ["env", "NODE_OPTIONS=--experimental-vm-modules --no-warnings"],
  });

  const code = await page.exited();

  const [{ loaded = [] } = {}, ...said] = page.facts;
  expect(code).toBe(0);
  expect(said).toEqual([{ paused: "mail", key: "held" }, { session: "closed" }]);
  expect(loaded).toContain("packages/client/dist/browser-platform.js");
  expect(loaded.filter((path) => /\/node-[^/]*$|\/ws\//.test(path))).toEqual([]);
  const texts = await Promise.all(
    loaded.map(async (path) => [path, await readFile(join(projectRoot, path), "utf8")] as const),
  );
  const ofNode =
    /\b(?:from|import|require)\s*\(?\s*["'](?:node:[^"']*|ws|crypto|stream|worker_threads)["']/;
  expect(texts.filter(([, text]) => ofNode.test(text)).map(([path]) => path)).toEqual([]);
});

test("Node gets the door with ws behind it", async () => {
  const path = join(projectRoot, "packages", "client", "package.json");
  const { exports } = JSON.parse(await readFile(path, "utf8"));

  expect(Object.keys(exports["."])).toEqual(["@rogerd/source", "types", "node", "default"]);
  expect(exports["."]).toMatchObject({ node: "./dist/index.js", default: "./dist/browser.js" });
});
