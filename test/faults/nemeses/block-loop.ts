// block-loop.ts — a process on a node's host: tells the node's inspector to do nothing but look at the clock for so many
// milliseconds, and then to close itself.
import { WebSocket } from "ws";

const [url = "", ms = "0"] = process.argv.slice(2);
const expression = `
  setTimeout(() => process.getBuiltinModule("inspector").close(), 100);
  for (const end = performance.now() + ${Number(ms)}; performance.now() < end; );
`;
const socket = new WebSocket(url);
socket.on("open", () => {
  socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression } }));
});
socket.on("message", (data: Buffer) => {
  const answer = JSON.parse(data.toString()) as {
    readonly result?: { exceptionDetails?: unknown };
  };
  if (answer.result?.exceptionDetails !== undefined) {
    process.stderr.write(`${data.toString()}\n`);
    process.exitCode = 1;
  }
  socket.close();
});
socket.on("error", (problem) => {
  process.stderr.write(`${problem.message}\n`);
  process.exitCode = 1;
});
