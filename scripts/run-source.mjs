// run-source.mjs — runs one TypeScript file of this repository on the sources, as the tests are run, without
// a build: node scripts/run-source.mjs FILE [ARGUMENTS].
import { fileURLToPath } from "node:url";
import { createViteServer } from "vitest/node";

const [file, ...given] = process.argv.slice(2);
process.argv = [process.argv[0], file, ...given];
const server = await createViteServer({
  root: fileURLToPath(new URL("..", import.meta.url)),
  configFile: false,
  logLevel: "error",
  appType: "custom",
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  ssr: { resolve: { conditions: ["@rogerd/source", "module", "node", "development|production"] } },
});
try {
  await server.ssrLoadModule(`/${file}`);
} finally {
  await server.close();
}
