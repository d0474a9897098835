// reference.ts — Roger as SEMANTICS §1 tells it, line by line and on purpose without a thought of how
// ours is built: four sets for each partition, and `not_started` while there is none.
import type { RogerCall } from "../checkers/roger-models.ts";
import type { PartitionAnswer, PartitionCall } from "../simulation/partition-model.ts";

interface Sets {
  readonly cancel: Set<string>;
  readonly queue: Set<string>;
  readonly exec: Set<string>;
  readonly paused: Set<string>;
}

export interface MadeCall {
  readonly partition: string;
  readonly call: PartitionCall;
}

export class RogerReference {
  readonly #started = new Map<string, Sets>();
  /** What a stop keeps. */
  readonly #stopped = new Map<string, Sets>();

  /** What the call answers; what it changes is changed. */
  answer({ partition, call }: MadeCall): PartitionAnswer {
    if (call.form === "startPartition") return this.#start(partition);
    if (call.form === "stopPartition") return this.#stop(partition);
    const sets = this.#started.get(partition);
    return sets === undefined ? "not_started" : answerFrom(sets, call);
  }

  #start(partition: string): "ok" {
    if (this.#started.has(partition)) return "ok";
    const fresh = { cancel: new Set<string>(), queue: new Set<string>() };
    const kept = this.#stopped.get(partition) ?? { ...fresh, exec: new Set(), paused: new Set() };
    this.#stopped.delete(partition);
    this.#started.set(partition, kept);
    return "ok";
  }

  #stop(partition: string): "ok" {
    const sets = this.#started.get(partition);
    if (sets !== undefined) this.#stopped.set(partition, sets);
    this.#started.delete(partition);
    return "ok";
  }
}

function answerFrom(sets: Sets, call: RogerCall): PartitionAnswer {
  switch (call.form) {
    case "cancelJob":
      sets.cancel.add(call.name);
      return "ok";
    case "isCancelled": {
      const was = sets.cancel.has(call.name);
      if (was && call.change === "remove") sets.cancel.delete(call.name);
      return was;
    }
    case "isQueued":
      return isMember(sets.queue, call);
    case "removeQueued":
      sets.queue.delete(call.name);
      return "ok";
    case "isExecuting":
      return isMember(sets.exec, call);
    case "removeExecuted":
      sets.exec.delete(call.name);
      return "ok";
    case "queuePause":
      sets.paused.add(call.name);
      return "ok";
    case "queueResume":
      sets.paused.delete(call.name);
      return "ok";
    case "queueGetPaused":
      return [...sets.paused].sort();
  }
}

function isMember(
  set: Set<string>,
  { name, change }: { readonly name: string; readonly change?: "add" },
): boolean {
  const was = set.has(name);
  if (!was && change === "add") set.add(name);
  return was;
}
