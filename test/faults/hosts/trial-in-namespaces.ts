// trial-in-namespaces.ts — one trial of links by its name, on hosts that are namespaces. A program, as it has to be
// started inside a private network; it ends with 1, and says why, when the trial fails.
import { linkTrials, trialHosts } from "./link-trials.ts";
import { startNamespaces } from "./namespaces.ts";

const trial = linkTrials.find(({ name }) => name === process.argv[2]);
if (trial === undefined) throw new Error(`no trial ${process.argv[2]}`);
await using hosts = await startNamespaces({ ...trialHosts, seed: 0x5eed });
await trial.run(hosts);
