// lost-answer.ts — an answer is lost, and the call is made again: it names its job, so it can't be taken for another's.
import { connect, IndeterminateError, PartitionNotStartedError } from "@rogerd/client";
import { endpoints } from "./endpoints.ts";
import { insist } from "./insist.ts";

await using client = await connect({ endpoints, name: "lost-answer" });
const acme = client.partition("acme");
await acme.start();

let attempts = 0;
const claim = await insist(async () => {
  attempts += 1;
  const claimed = await acme.claimQueueKey("invoice/43", { owner: "job-4" });
  if (attempts === 1) throw new IndeterminateError({ message: "lost on purpose" });
  return claimed;
});
console.log(`attempt ${attempts}: ${claim.status}`);
await insist(() => acme.releaseQueueKey("invoice/43", { owner: "job-4" }));

try {
  await insist(() => client.partition("nobody-started-it").pause("mail"));
} catch (error) {
  if (!(error instanceof PartitionNotStartedError)) throw error;
  console.log(`refused: ${error.code}, certainly without effect: ${error.outcomeKnown}`);
}
