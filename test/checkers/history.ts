// history.ts — what clients saw: calls with their begin and end in one order, as the checkers read it.
// One recorder serves all clients of one process, so that its counter is the real-time order.

/** One call on one object. `end` is undefined while (or for ever when) the outcome is not known. */
export interface Call<Input, Output> {
  readonly client: number;
  readonly input: Input;
  /** Position of the invocation among all invocations and completions. */
  readonly begin: number;
  readonly end: number | undefined;
  /** Only with `end`. */
  readonly output: Output | undefined;
}

interface OpenCall<Input, Output> {
  readonly client: number;
  readonly input: Input;
  readonly begin: number;
  end: number | undefined;
  output: Output | undefined;
}

/**
 * Records calls. A call that certainly did nothing (a refusal before the log) is forgotten with
 * `fail`; one whose outcome is not known is left open: it may take effect at any later time.
 */
export class HistoryRecorder<Input, Output> {
  #position = 0;
  readonly #calls = new Set<OpenCall<Input, Output>>();

  begin(call: { readonly client: number; readonly input: Input }): {
    complete(output: Output): void;
    fail(): void;
  } {
    this.#position += 1;
    const open: OpenCall<Input, Output> = {
      ...call,
      begin: this.#position,
      end: undefined,
      output: undefined,
    };
    this.#calls.add(open);
    return {
      complete: (output) => {
        this.#position += 1;
        open.end = this.#position;
        open.output = output;
      },
      fail: () => {
        this.#calls.delete(open);
      },
    };
  }

  calls(): readonly Call<Input, Output>[] {
    return [...this.#calls];
  }
}
