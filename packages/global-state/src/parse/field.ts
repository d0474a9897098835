// field.ts — one argument: what it must be, and what is wrong with a value that is something else.
// Hand-written, one per kind of value; says the first thing that is wrong and where. Never throws.
import type { Bounds } from "../limits.ts";
import { jobIdsBytesMax, jobIdsMax } from "../limits.ts";
import {
  isOpenIdText,
  nameBytesMax,
  nameProblem,
  type TextProblem,
  textProblem,
} from "../names.ts";
import { utf8Length } from "../snapshot/writer.ts";

export interface Problem {
  readonly path: string;
  readonly reason: string;
}

export interface Field {
  readonly isRequired: boolean;
  /** `value` is not undefined. */
  check(value: unknown, path: string): Problem | undefined;
}

const reasons: Record<TextProblem, string> = {
  empty: "must not be empty",
  "too long": `must have at most ${nameBytesMax} bytes`,
  "control character": "must have no control characters",
  "lone surrogate": "must be well-formed text",
};

function textCheck(problemOf: (text: string) => TextProblem | undefined): Field["check"] {
  return (value, path) => {
    if (typeof value !== "string") return { path, reason: "must be a text" };
    const problem = problemOf(value);
    return problem === undefined ? undefined : { path, reason: reasons[problem] };
  };
}

/** 1–512 bytes of UTF-8, no control characters (SEMANTICS §2). */
export const nameField: Field = { isRequired: true, check: textCheck(nameProblem) };
/** The same, but it may be empty or absent. */
export const textField: Field = { isRequired: false, check: textCheck(textProblem) };

export const flagField: Field = {
  isRequired: false,
  check: (value, path) =>
    typeof value === "boolean" ? undefined : { path, reason: "must be true or false" },
};

export const openIdField: Field = {
  isRequired: true,
  check: (value, path) => {
    const isOpenId = typeof value === "string" && isOpenIdText(value);
    return isOpenId ? undefined : { path, reason: "must be 32 hex digits in lower case" };
  },
};

export function wholeNumberField(range: Bounds): Field {
  return {
    isRequired: false,
    check: (value, path) => {
      const isWhole = typeof value === "number" && Number.isSafeInteger(value);
      if (isWhole && value >= range.min && value <= range.max) return undefined;
      return { path, reason: `must be a whole number from ${range.min} to ${range.max}` };
    },
  };
}

/** One that the command can't do without. */
export function required(field: Field): Field {
  return { ...field, isRequired: true };
}

export function optional(field: Field): Field {
  return { ...field, isRequired: false };
}

export const tokenField: Field = required(
  wholeNumberField({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);

export function choiceField(choices: readonly string[]): Field {
  return {
    isRequired: true,
    check: (value, path) => {
      const isOne = typeof value === "string" && choices.includes(value);
      return isOne ? undefined : { path, reason: `must be one of ${choices.join(", ")}` };
    },
  };
}

export const jobIdsField: Field = {
  isRequired: true,
  check: (value, path) => {
    if (!Array.isArray(value)) return { path, reason: "must be a list of job ids" };
    const ids: readonly unknown[] = value;
    if (ids.length < 1 || ids.length > jobIdsMax) {
      return { path, reason: `must have 1 to ${jobIdsMax} job ids` };
    }
    let bytes = 0;
    for (let at = 0; at < ids.length; at++) {
      const id = ids[at];
      const problem = nameField.check(id, `${path}[${at}]`);
      if (problem !== undefined) return problem;
      bytes += typeof id === "string" ? utf8Length(id) : 0;
    }
    if (bytes <= jobIdsBytesMax) return undefined;
    return { path, reason: `must have at most ${jobIdsBytesMax} bytes together` };
  },
};

export function cursorField(isCursor: (text: string) => boolean): Field {
  return {
    isRequired: false,
    check: (value, path) => {
      const isGood = typeof value === "string" && isCursor(value);
      return isGood ? undefined : { path, reason: "must be the `next` of the page before" };
    },
  };
}
