// node-turn.ts — lets every promise that can go on without the outside world go on. Virtual time does
// not move meanwhile, and nothing is waited for: a turn of the real loop starts when they are done.

export function settlePromises(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
