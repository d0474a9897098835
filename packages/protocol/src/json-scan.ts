// json-scan.ts — may this JSON be given to the parser at all?
// One pass that makes no value and keeps one number: how many lists and maps are open. The parser has
// no bound of its own, and half a million brackets in one megabyte keep it, and the garbage collector
// after it, busy for seconds. Says nothing else about the text: whether it is JSON, the parser knows.
import { frameDepthMax } from "./limits.ts";

const quote = 0x22;
const backslash = 0x5c;
/** `[` and `{`, `]` and `}` differ in one bit. */
const bracketBit = 0x20;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** What is wrong with its nesting, or undefined. Takes text, or UTF-8, in which these signs are bytes. */
export function jsonProblem(data: Uint8Array | string): string | undefined {
  let depth = 0;
  for (let at = 0; at < data.length; at += 1) {
    const code = codeAt(data, at);
    if (code === quote) {
      at = endOfText(data, at);
      continue;
    }
    const bracket = code | bracketBit;
    if (bracket === closeBrace) depth -= 1;
    if (bracket !== openBrace) continue;
    depth += 1;
    if (depth > frameDepthMax) return "lists and maps are nested too deeply";
  }
  return undefined;
}

/** Of the closing quote, or of the last sign where there is none. */
function endOfText(data: Uint8Array | string, opening: number): number {
  let at = opening + 1;
  while (at < data.length) {
    const code = codeAt(data, at);
    if (code === quote) return at;
    at += code === backslash ? 2 : 1;
  }
  return at;
}

function codeAt(data: Uint8Array | string, at: number): number {
  return typeof data === "string" ? data.charCodeAt(at) : (data[at] ?? 0);
}
