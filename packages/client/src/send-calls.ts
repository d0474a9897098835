// send-calls.ts — calls on their way out, in as few frames as fit. It chooses no connection and keeps
// nothing.
import type { Call } from "./call.ts";
import type { Connection } from "./connection.ts";
import { RogerdError } from "./errors.ts";
import type { Requests } from "./requests.ts";

/** Bytes the socket may hold before we wait: what is not sent can still be given up. */
export const bufferedBytesMax: number = 1024 * 1024;
/** After so long the socket is looked at again. */
export const bufferedCheckMs = 5;

/** Too much for one frame goes in two; a call that is too large alone is refused here. */
export function sendCalls(
  calls: readonly Call[],
  by: { readonly connection: Connection; readonly requests: Requests },
): void {
  const { connection, requests } = by;
  const bytes = connection.encode(requests.frameOf(calls));
  if (bytes.length <= connection.frameBytesMax) {
    connection.sendEncoded(bytes);
    return connection.awaitAnswers();
  }
  const [first] = calls;
  if (calls.length === 1 && first !== undefined) {
    const message = `${first.spec.command} takes ${bytes.length} bytes, at most ${connection.frameBytesMax} fit`;
    return requests.refuse(first, new RogerdError("payload_too_large", { message }));
  }
  const half = calls.length >>> 1;
  sendCalls(calls.slice(0, half), by);
  sendCalls(calls.slice(half), by);
}
