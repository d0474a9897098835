// markup.ts — HTML that can't be anything else than what was meant: every value in it is escaped, but for what is
// markup already. Attributes are always written in double quotes.

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Written = Markup | string | number | undefined | readonly Written[];

export function html(parts: TemplateStringsArray, ...values: readonly Written[]): Markup {
  const texts = parts.map((part, at) => part + written(values[at]));
  return new Markup(texts.join(""));
}

function written(value: Written): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(written).join("");
  return escaped(String(value));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** JSON inside a script element: no `<` in it, so that no text can close the element. */
export function inlineJson(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll("<", "\\u003c"));
}
