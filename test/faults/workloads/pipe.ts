// pipe.ts — writes to stdout before it returns: past the stream of Node, whose own buffer would die with the process.
// What is in the pipe is read, whatever becomes of who wrote it.
import { writeSync } from "node:fs";

const stdout = 1;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(stdout, bytes, done);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      // Its reader is slow: there is room in a moment.
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}
