// browser-page.ts — the client as a page of a browser gets it: what the packages export where nobody asks for Node's, in
// a context that has what a page has and nothing else. It uses a cluster, and says as JSON lines what it loaded
// and what came of it. A module that no page could load ends it. For `node --experimental-vm-modules`.
import { readFile, realpath } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { createContext, type Module, SourceTextModule } from "node:vm";
import { WebSocket } from "ws";
import { projectRoot } from "../project-root.ts";

type Client = typeof import("@rogerd/client");
/** Of package.json, where its package begins: a path, or which for whom. */
type Exports = string | { readonly [condition: string]: Exports };

const conditions: readonly string[] = ["browser", "import", "default"];

function chosen(exports: Exports): string | undefined {
  if (typeof exports === "string") return exports;
  for (const [condition, inner] of Object.entries(exports)) {
    const found = conditions.includes(condition) ? chosen(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

async function pathOf(specifier: string, from: string): Promise<string> {
  if (specifier.startsWith(".")) return join(dirname(from), specifier);
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const found = await realpath(join(folder, "node_modules", specifier)).catch(() => undefined);
    if (found !== undefined) {
      const text = await readFile(join(found, "package.json"), "utf8");
      const { exports } = JSON.parse(text) as { readonly exports: { readonly ".": Exports } };
      return join(found, chosen(exports["."]) ?? "");
    }
    if (folder === dirname(folder)) throw new Error(`no page can load ${specifier}, for ${from}`);
  }
}

const { AbortController, AbortSignal, MessageChannel, TextDecoder, TextEncoder } = globalThis;
const page = createContext({
  ...{ AbortController, AbortSignal, MessageChannel, TextDecoder, TextEncoder, WebSocket, URL },
  ...{ clearTimeout, crypto, performance, setTimeout },
});
const loading = new Map<string, Promise<SourceTextModule>>();

function load(path: string): Promise<SourceTextModule> {
  const known = loading.get(path);
  if (known !== undefined) return known;
  const loaded = readFile(path, "utf8").then(
    (text) => new SourceTextModule(text, { context: page, identifier: path }),
  );
  loading.set(path, loaded);
  return loaded;
}

function say(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

const endpoints = process.argv.slice(2);
const door = await load(await pathOf("@rogerd/client", join(projectRoot, "test", "page.js")));
await door.link(async (specifier, { identifier }: Module) =>
  load(await pathOf(specifier, identifier)),
);
await door.evaluate();
say({ loaded: [...loading.keys()].map((path) => relative(projectRoot, path)).toSorted() });

const { connect } = door.namespace as Client;
const client = await connect({ endpoints, name: "page" });
const acme = client.partition("acme");
await acme.start();
const { revision } = await acme.list("pauses");
const paused = acme.watch({ types: ["queue"], from: revision })[Symbol.asyncIterator]();
await acme.pause("mail", { by: "ada" });
const { value: event } = await paused.next();
const key = await acme.acquireExecutionKey("customer/7", { owner: "job-1" });
say({ paused: event?.name, key: key.status });
await client.close();
say({ session: client.session.state });
