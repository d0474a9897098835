// outside.ts — how a worker writes to the resource outside, with the token of what it holds.
import type { OutsideWrite } from "../history/resource.ts";

/** What hangs longer is given up: the network is struck, too. */
const writeMayTakeMs = 2_000;

/** Whether it was taken is what the resource notes; a write that does not come through is not in its notes. */
export async function writeOutside(
  resource: string,
  write: OutsideWrite,
): Promise<"taken" | "refused" | "unanswered"> {
  try {
    const response = await fetch(resource, {
      method: "POST",
      body: JSON.stringify(write),
      signal: AbortSignal.timeout(writeMayTakeMs),
    });
    await response.arrayBuffer();
    return response.ok ? "taken" : "refused";
  } catch (error) {
    // The words of fetch for a network that failed, and of the signal.
    const isOfNetwork = error instanceof TypeError || error instanceof DOMException;
    if (!isOfNetwork) throw error;
    return "unanswered";
  }
}
