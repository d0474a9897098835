// document.test.ts — every frame in docs/protocol.md is one that the code understands.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeClientFrame, decodeDaemonFrame } from "./codec.ts";
import { closeCodes, subprotocols } from "./limits.ts";

const document = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");

function examplesOf(speaker: "client" | "daemon"): readonly string[] {
  const block = new RegExp(`\`\`\`json ${speaker}\\n([\\s\\S]*?)\`\`\``, "g");
  return [...document.matchAll(block)].map(([, text]) => text ?? "");
}

test("the frames of the document are as the code has them", () => {
  for (const text of examplesOf("client")) {
    expect(decodeClientFrame(subprotocols.json, text)).toMatchObject({
      kind: "frame",
      rejected: [],
    });
  }
  for (const text of examplesOf("daemon")) {
    expect(decodeDaemonFrame(subprotocols.json, text)).toMatchObject({ kind: "frame" });
  }

  const kinds = [...examplesOf("client"), ...examplesOf("daemon")].map(
    (text) => JSON.parse(text).kind,
  );
  expect(new Set(kinds)).toEqual(
    new Set([
      "hello",
      "welcome",
      "leader",
      "goodbye",
      "ping",
      "pong",
      "requests",
      "answers",
      "pushes",
      "events",
      "watchEnded",
    ]),
  );
});

test("the document has every close code of ours", () => {
  for (const code of Object.values(closeCodes)) expect(document).toContain(`| ${code} |`);
});
