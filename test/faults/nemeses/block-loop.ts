// block-loop.ts — a process on a node's host, with the address of the node's inspector. With a number it has the node do nothing
// but look at the clock for so many milliseconds; with `close`, the inspector closes itself a while later: while somebody
// is still attached to it, that would block the node for ever.
import { WebSocket } from "ws";

const [url = "", what = ""] = process.argv.slice(2);
const closeAfterMs = 1_000;
const answeredWithinMs = 30_000;
const close = `setTimeout(() => process.getBuiltinModule("inspector").close(), ${closeAfterMs});`;
const block = `for (const end = performance.now() + ${Number(what)}; performance.now() < end; );`;

function fail(says: string): never {
  process.stderr.write(`${says}\n`);
  process.exit(1);
}

const socket = new WebSocket(url);
socket.on("open", () => {
  const params = { expression: what === "close" ? close : block };
  socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params }));
});
socket.on("message", (data: Buffer) => {
  const answer = JSON.parse(data.toString()) as {
    readonly result?: { exceptionDetails?: unknown };
  };
  if (answer.result?.exceptionDetails !== undefined) fail(data.toString());
  socket.terminate();
  process.exit(0);
});
socket.on("error", (problem) => fail(problem.message));
socket.on("close", () => fail("the node is gone"));
setTimeout(() => fail("no answer"), answeredWithinMs);
