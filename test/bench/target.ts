// target.ts — what the bench drives: the system under test or a yardstick, through one small door.

export interface Target {
  readonly name: string;
  /** Processes whose CPU counts as the server's. */
  readonly pids: readonly number[];
  /** Takes a fresh key; durable on a majority when it resolves. */
  acquire(key: string): Promise<void>;
  release(key: string): Promise<void>;
  /** A linearizable look at a key. */
  read(key: string): Promise<void>;
  close(): Promise<void>;
}
