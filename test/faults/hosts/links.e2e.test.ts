// The links of both kinds of hosts, tried with TCP between processes. Where this machine permits no namespaces, their
// trials are skipped, and it is said why.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../project-root.ts";
import { linkTrials, trialHosts } from "./link-trials.ts";
import { canHaveNamespaces, privateNetwork } from "./namespaces.ts";
import { startProxies } from "./proxies.ts";

const program = join(projectRoot, "test", "dist", "faults", "hosts", "trial-in-namespaces.js");
const permitted = await canHaveNamespaces();
if (permitted !== true) process.stderr.write(`no trial of namespaces: ${permitted}\n`);

describe("namespaces", () => {
  for (const { name } of linkTrials) {
    test(name, async ({ skip }) => {
      if (permitted !== true) skip(permitted);
      const command = [...privateNetwork(), process.execPath, program, name];
      await promisify(execFile)("env", command);
    });
  }
});

describe("proxies", () => {
  for (const trial of linkTrials.filter(({ needs }) => !needs.includes("loss"))) {
    test(trial.name, async () => {
      await using hosts = await startProxies({ ...trialHosts, seed: 0x5eed });
      await trial.run(hosts);
    });
  }

  test("what they can't do is said, and refused", async () => {
    await using hosts = await startProxies({ ...trialHosts, seed: 0x5eed });
    expect([...hosts.impossible]).toEqual(["loss"]);
    const lossy = hosts.link({ from: "n1", to: "n2" }, { loss: 0.1 });
    await expect(lossy).rejects.toThrow("proxies lose no packets");
  });
});
