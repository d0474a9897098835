// settings-field.ts — the limits or defaults of `partition.update`: what is wrong with them, or what they are. Null
// takes back what was set.
import { assert } from "../assert.ts";
import type { SettingsChange } from "../partition/partition-settings.ts";
import { CheckedArguments, checkArguments, type Fields } from "./checked-arguments.ts";
import type { Field } from "./field.ts";

/** `fields`: one for each setting there is. */
export function settingsField(fields: Fields): Field {
  const orNull = Object.fromEntries(
    Object.entries(fields).map(([name, field]): [string, Field] => [name, nullable(field)]),
  );
  return {
    isRequired: false,
    check: (value, path) => {
      const checked = checkArguments(value, orNull, path);
      return "problem" in checked ? checked.problem : undefined;
    },
  };
}

function nullable(field: Field): Field {
  return {
    isRequired: false,
    check: (value, path) => (value === null ? undefined : field.check(value, path)),
  };
}

/** In the order of `names`; none where the argument is absent. */
export function settingsOf<Name extends string>(
  names: readonly Name[],
  given: { readonly args: CheckedArguments; readonly argument: string },
): SettingsChange<Name> {
  const value = given.args.checked(given.argument);
  const any: Field = { isRequired: false, check: () => undefined };
  const checked = checkArguments(value, Object.fromEntries(names.map((name) => [name, any])));
  assert(checked instanceof CheckedArguments, "settings were checked before");
  const change: Partial<Record<Name, number | null>> = {};
  for (const name of names) {
    const asked = checked.checked(name);
    if (asked === undefined) continue;
    assert(asked === null || typeof asked === "number", "a setting was checked to be a number");
    change[name] = asked;
  }
  return change;
}
