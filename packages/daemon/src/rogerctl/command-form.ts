// command-form.ts — what a command says of itself: its words, arguments, examples, and how to run it.
// command-line.ts turns forms into a parser and a help page; a form knows nothing of that parser.
import type { ExitCode } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";

export interface OptionForm {
  /** As commander writes it: `--reason <text>`, `--hash-now`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  /** Given again it says more: the values come with commas between. */
  readonly isRepeated?: true;
}

interface FormWords {
  /** One word, or two for a command of a group: `partition start`. */
  readonly words: readonly [string] | readonly [string, string];
  /** As commander writes it: `<queue>`, `<job...>`, `[partition]`. */
  readonly argument?: { readonly form: string; readonly description: string };
  readonly summary: string;
  readonly options: readonly OptionForm[];
  readonly examples: readonly string[];
}

/** What was written on the command line. */
export interface Given {
  readonly arguments: readonly string[];
  readonly options: ReadonlyMap<string, string | true>;
}

export type CommandForm = FormWords &
  (
    | {
        readonly scope: "cluster";
        readonly run: (invocation: Invocation, given: Given) => Promise<ExitCode>;
      }
    | {
        readonly scope: "partition";
        readonly run: (
          invocation: Invocation,
          given: Given & { readonly partition: string },
        ) => Promise<ExitCode>;
      }
  );

export function optionText(given: Given, name: string): string | undefined {
  const value = given.options.get(name);
  return value === true ? undefined : value;
}

export function firstArgument(given: Given): string {
  return given.arguments[0] ?? "";
}
