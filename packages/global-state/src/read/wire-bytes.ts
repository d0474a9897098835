// wire-bytes.ts — how many bytes a thing takes in a frame, whatever the frame's form: never fewer than JSON or
// MessagePack takes, and little more than JSON. So that pages and frames are filled by bytes, too: things of
// one kind may be a thousand times as long as others. Nothing is encoded for it.

/** The longest whole number, or a float, with what stands behind it. */
const numberBytes = 25;
/** `false`, or `null`. */
const wordBytes = 6;
/** Quotes, brackets, and what stands behind. */
const aroundBytes = 4;

export function wireBytes(value: unknown): number {
  if (typeof value === "string") return textBytes(value) + aroundBytes;
  if (typeof value === "number") return numberBytes;
  if (typeof value !== "object" || value === null) return wordBytes;
  let bytes = aroundBytes;
  if (Array.isArray(value)) {
    for (const item of value) bytes += wireBytes(item);
    return bytes;
  }
  for (const [key, item] of Object.entries(value)) {
    bytes += textBytes(key) + aroundBytes + wireBytes(item);
  }
  return bytes;
}

const [quote, backslash] = [34, 92];

/** JSON puts a backslash before some, and writes control characters as six. Names are well-formed text. */
function textBytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20) bytes += 5;
    else if (code === quote || code === backslash) bytes += 1;
    else if (code >= 0x800) bytes += 2;
    else if (code >= 0x80) bytes += 1;
  }
  return bytes;
}
