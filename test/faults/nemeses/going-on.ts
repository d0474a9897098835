// going-on.ts — strikes that are more than one blow: they go on, step by step, until they are healed.

export interface GoingOn {
  /** Resolves after the last step; what went wrong in one is thrown here. */
  stop(): Promise<void>;
}

/** `rest(ms)` in a step ends early when all is over. */
export function goOn(
  step: (rest: (ms: number) => Promise<void>, isOver: () => boolean) => Promise<void>,
): GoingOn {
  const over = new AbortController();
  const isOver = (): boolean => over.signal.aborted;
  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (isOver()) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        over.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      over.signal.addEventListener("abort", done);
    });
  const steps = (async () => {
    while (!isOver()) await step(rest, isOver);
  })();
  // It is told when it is asked for, by stop().
  const outcome = steps.then(
    () => undefined,
    (problem: unknown) => ({ problem }),
  );
  return {
    async stop() {
      over.abort();
      const failed = await outcome;
      if (failed !== undefined) throw failed.problem;
    },
  };
}
