// checked-arguments.ts — the arguments of one command: first all are checked, then they can be taken.
// Only own properties count, so nothing comes from a prototype; an argument that the command does not
// have is an error, because a misspelt one would otherwise be silence.
import { assert } from "../assert.ts";
import type { Field, Problem } from "./field.ts";

export type Fields = Readonly<Record<string, Field>>;

const shownBytesMax = 64;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function checkArguments(
  args: unknown,
  fields: Fields,
  at = "args",
): CheckedArguments | { readonly problem: Problem } {
  const given = args === undefined ? {} : args;
  if (!isRecord(given)) return { problem: { path: at, reason: "must be an object" } };
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(fields, name)) continue;
    const path = `${at}.${name.slice(0, shownBytesMax)}`;
    return { problem: { path, reason: "is no argument of this command" } };
  }
  const checked = new Map<string, unknown>();
  for (const [name, field] of Object.entries(fields)) {
    const path = `${at}.${name}`;
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) {
      if (field.isRequired) return { problem: { path, reason: "is missing" } };
      continue;
    }
    const problem = field.check(value, path);
    if (problem !== undefined) return { problem };
    checked.set(name, value);
  }
  return new CheckedArguments(checked);
}

/** What a command asks for here, its fields have checked: a wrong type is a bug in commands.ts. */
export class CheckedArguments {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    assert(value !== undefined, `${name} was checked to be there`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#values.get(name);
    assert(value === undefined || typeof value === "string", `${name} was checked to be a text`);
    return value;
  }

  wholeNumber(name: string): number | undefined {
    const value = this.#values.get(name);
    assert(value === undefined || typeof value === "number", `${name} was checked to be a number`);
    return value;
  }

  /** Absent is false. */
  flag(name: string): boolean {
    return this.#values.get(name) === true;
  }

  /** For what has a reader of its own. */
  checked(name: string): unknown {
    return this.#values.get(name);
  }

  texts(name: string): readonly string[] {
    const value = this.#values.get(name);
    assert(Array.isArray(value), `${name} was checked to be a list`);
    const values: readonly unknown[] = value;
    return values.map((text) => {
      assert(typeof text === "string", `${name} was checked to be a list of texts`);
      return text;
    });
  }
}
