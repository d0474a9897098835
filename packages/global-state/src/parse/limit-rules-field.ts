// limit-rules-field.ts — the rules of `executionKey.setRules`: what is wrong with them, or what they are.
import { assert } from "../assert.ts";
import type { LimitRule } from "../execution-key/limit-rules.ts";
import { defaultLimits, holdMs, limitMax, limitRulesMax } from "../limits.ts";
import { CheckedArguments, checkArguments, type Fields } from "./checked-arguments.ts";
import { type Field, textField, wholeNumberField } from "./field.ts";

const ruleFields: Fields = {
  prefix: { ...textField, isRequired: true },
  limit: { ...wholeNumberField({ min: 1, max: limitMax }), isRequired: true },
  maxHoldMs: wholeNumberField(holdMs),
  maxWaiters: wholeNumberField({ min: 0, max: defaultLimits.waitersPerKeyMax }),
};

export const limitRulesField: Field = {
  isRequired: true,
  check: (value, path) => {
    if (!Array.isArray(value)) return { path, reason: "must be a list of rules" };
    const rules: readonly unknown[] = value;
    if (rules.length > limitRulesMax) {
      return { path, reason: `must have at most ${limitRulesMax} rules` };
    }
    const prefixes = new Set<string>();
    for (let at = 0; at < rules.length; at++) {
      const here = `${path}[${at}]`;
      const rule = rules[at];
      if (rule === undefined) return { path: here, reason: "is missing" };
      const checked = checkArguments(rule, ruleFields, here);
      if ("problem" in checked) return checked.problem;
      const prefix = checked.text("prefix");
      if (prefixes.has(prefix)) return { path: `${here}.prefix`, reason: "has a rule already" };
      prefixes.add(prefix);
    }
    return undefined;
  },
};

export function limitRulesOf(value: unknown): readonly LimitRule[] {
  assert(Array.isArray(value), "rules were checked to be a list");
  const rules: readonly unknown[] = value;
  return rules.map((rule) => {
    const checked = checkArguments(rule, ruleFields);
    assert(checked instanceof CheckedArguments, "rules were checked one by one");
    return {
      prefix: checked.text("prefix"),
      limit: checked.wholeNumber("limit") ?? 1,
      maxHoldMs: checked.wholeNumber("maxHoldMs"),
      maxWaiters: checked.wholeNumber("maxWaiters"),
    };
  });
}
