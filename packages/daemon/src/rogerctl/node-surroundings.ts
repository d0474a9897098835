// node-surroundings.ts — the streams, the clock, the dice and the HTTP of this machine, for rogerctl.
// Decides nothing but how bytes travel; what they mean is answer.ts.
import { randomUUID } from "node:crypto";
import { Agent, type ClientRequest, request } from "node:http";
import { hostname, userInfo } from "node:os";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline/promises";
import { setTimeout as delay } from "node:timers/promises";
import { styleText } from "node:util";
import { daemonVersion } from "../version.ts";
import type { Emphasis, HttpOutcome, HttpRequest, Surroundings } from "./surroundings.ts";

/** The largest page of a list is well below; what is larger is not from a rogerd. */
const bodyBytesMax = 16 * 1024 * 1024;

const styles = {
  good: "green",
  bad: "red",
  weak: "gray",
  strong: "bold",
} as const satisfies Record<Emphasis, string>;

export function nodeSurroundings(): Surroundings {
  endWhenOutputFails();
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    outTaken,
    say: (line) => {
      process.stderr.write(`${line}\n`);
    },
    emphasize: (text, emphasis) =>
      process.stdout.isTTY && process.stdout.hasColors() ? styleText(styles[emphasis], text) : text,
    monotonicNow: () => performance.now(),
    wallNow: () => Date.now(),
    sleep: async (durationMs) => {
      await delay(durationMs);
    },
    newRequestId: () => randomUUID(),
    exchange: exchangeOverHttp,
    openChanges: async (parts) => {
      const { openClientChanges } = await import("./node-changes.ts");
      return openClientChanges(parts);
    },
    confirm: confirmOnTerminal,
    onInterrupt,
    operator: `${userName()}@${hostname()}`,
    version: daemonVersion,
    nodeVersion: process.version,
  };
}

export async function confirmOnTerminal(question: string): Promise<"yes" | "no" | "no-terminal"> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return "no-terminal";
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim()) ? "yes" : "no";
  } finally {
    lines.close();
  }
}

/** `rogerctl keys | head` is no error; a full disk is one, and what was to be told is not all told. */
function endWhenOutputFails(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    process.stderr.write(`rogerctl: the output can't be written: ${error.message}\n`, () =>
      process.exit(1),
    );
  });
  // There is no other place to say it, and the exit code tells how it went.
  process.stderr.on("error", () => undefined);
}

function outTaken(signal: AbortSignal): Promise<void> {
  const { stdout } = process;
  if (!stdout.writableNeedDrain || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const taken = (): void => {
      stdout.removeListener("drain", taken);
      signal.removeEventListener("abort", taken);
      resolve();
    };
    stdout.once("drain", taken);
    signal.addEventListener("abort", taken, { once: true });
  });
}

const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"] as const satisfies readonly NodeJS.Signals[];

/** The second one ends the process as it would without this. */
function onInterrupt(told: () => void): () => void {
  const stop = (): void => {
    for (const signal of interruptions) process.removeListener(signal, hear);
  };
  const hear = (): void => {
    stop();
    told();
  };
  for (const signal of interruptions) process.on(signal, hear);
  return stop;
}

function userName(): string {
  const name = process.env["USER"];
  if (name !== undefined && name !== "") return name;
  try {
    return userInfo().username;
  } catch (error) {
    // A user id without a name, as in many containers.
    if (error instanceof Error) return `uid-${process.getuid?.() ?? "unknown"}`;
    throw error;
  }
}

export function exchangeOverHttp(asked: HttpRequest): Promise<HttpOutcome> {
  const { method, url, headers, body, timeoutMs } = asked;
  return new Promise((resolve) => {
    let isConnected = false;
    const failed = (reason: string): void => {
      resolve(isConnected ? { kind: "broken", reason } : { kind: "not-sent", reason });
    };
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const sent: ClientRequest = request(url, {
      method,
      headers: { ...headers, ...length },
      agent: new Agent({ keepAlive: false }),
    });
    const timer = setTimeout(() => {
      failed(`no answer within ${Math.round(timeoutMs)} ms`);
      sent.destroy();
    }, timeoutMs);
    sent.once("close", () => clearTimeout(timer));
    sent.once("socket", (socket) =>
      socket.once("connect", () => {
        isConnected = true;
      }),
    );
    sent.on("error", (error: NodeJS.ErrnoException) => failed(wordsFor(error)));
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > bodyBytesMax) sent.destroy(new Error("the answer is too large"));
        else chunks.push(chunk);
      });
      response.once("error", (error: NodeJS.ErrnoException) => failed(wordsFor(error)));
      response.once("end", () => {
        resolve({
          kind: "response",
          status: response.statusCode ?? 0,
          location: response.headers.location,
          body: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    sent.end(body);
  });
}

const words: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nobody listens there"],
  ["ECONNRESET", "the connection broke"],
  ["EHOSTUNREACH", "no way leads there"],
  ["ENETUNREACH", "no way leads there"],
  ["ENOTFOUND", "no such host"],
  ["ETIMEDOUT", "it does not answer"],
]);

function wordsFor(error: NodeJS.ErrnoException): string {
  return words.get(error.code ?? "") ?? error.message;
}
