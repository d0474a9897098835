// visible.ts — names and reasons as a terminal may show them. What turns the direction of text, or has no
// width and no ink, is shown by its number: a row must not read as another name than the one it names.
// Only for people; JSON gives every text as it is.

/** Controls, format characters (bidi, zero width), separators of lines. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What follows the escape character of a colour; those are ours, names hold no controls. */
const colour = /^\[[\d;]*m/;

/** Line feeds stay, and colours. */
export function visible(text: string): string {
  return text.replace(hidden, (sign, at: number) => {
    if (sign === "\n") return sign;
    if (sign === "\u001b" && colour.test(text.slice(at + 1, at + 12))) return sign;
    return `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
