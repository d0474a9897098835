// names.ts — which strings may name something (SEMANTICS §2): 1–512 bytes of UTF-8, no control
// characters, no half of a surrogate pair. Decides only; never repairs, trims or normalises.

export const nameBytesMax = 512;

export type TextProblem = "empty" | "too long" | "control character" | "lone surrogate";

/** UTF-8 length, or what is wrong with the text. Empty text has length 0 and is no problem here. */
export function textLength(text: string): number | TextProblem {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      if (unit < 0x20 || unit === 0x7f) return "control character";
      bytes += 1;
    } else if (unit < 0x800) {
      if (unit < 0xa0) return "control character";
      bytes += 2;
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes += 3;
    } else {
      if (unit > 0xdbff) return "lone surrogate";
      const low = text.charCodeAt(at + 1);
      if (!(low >= 0xdc00 && low <= 0xdfff)) return "lone surrogate";
      bytes += 4;
      at += 1;
    }
  }
  return bytes;
}

/** What keeps `text` from being free text of at most 512 bytes (`reason`, `by`, a prefix). */
export function textProblem(text: string): TextProblem | undefined {
  if (text.length > nameBytesMax) return "too long";
  const length = textLength(text);
  if (typeof length === "string") return length;
  return length > nameBytesMax ? "too long" : undefined;
}

/** What keeps `text` from naming anything. */
export function nameProblem(text: string): TextProblem | undefined {
  return text.length === 0 ? "empty" : textProblem(text);
}

export function isOpenIdText(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
