// json-scan.ts — may this JSON be given to the parser at all?
// One pass that makes no value and counts: how many lists and maps are open, how many there are, and how
// many keys. The parser has no bound of its own: half a million brackets in one megabyte keep it, and the
// garbage collector after it, busy for seconds. Whether the text is JSON the parser knows.
import { type ScanBounds, ScanCount } from "./scan-bounds.ts";

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
/** `[` and `{`, `]` and `}` differ in one bit. */
const bracketBit = 0x20;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** What is wrong with its structure, or undefined. Takes text, or UTF-8, in which these signs are bytes. */
export function jsonProblem(data: Uint8Array | string, bounds: ScanBounds): string | undefined {
  const count = new ScanCount(bounds);
  let depth = 0;
  let problem: string | undefined;
  for (let at = 0; at < data.length && problem === undefined; at += 1) {
    const code = codeAt(data, at);
    const bracket = code | bracketBit;
    if (code === quote) at = endOfText(data, at);
    else if (code === colon) problem = count.keys(1);
    else if (bracket === closeBrace) depth -= 1;
    else if (bracket === openBrace) {
      problem = count.container(depth);
      depth += 1;
    }
  }
  return problem;
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
