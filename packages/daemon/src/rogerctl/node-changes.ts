// node-changes.ts — changes as the client of programs tells them (docs/decisions/0006): it finds a node, watches
// on at another one after a lost connection, and opens no session. Loaded by `watch` alone. Decides nothing.
import {
  type ClientEvent,
  CompactedError,
  connect,
  InvalidArgumentError,
  type RogerdClient,
  RogerdError,
  type Watch,
  type WatchOptions,
} from "@rogerd/client";
import { errorObject, isErrorCode } from "@rogerd/protocol";
import type {
  ChangeStream,
  Changes,
  ChangesParts,
  ChangesWish,
  Failure,
  NextChange,
  OpenedChanges,
} from "./changes.ts";

export async function openClientChanges(parts: ChangesParts): Promise<OpenedChanges> {
  const { credential, endpoints, hear, signal, timeoutMs } = parts;
  try {
    const client = await connect({
      endpoints,
      timeoutMs,
      signal,
      session: "none",
      ...(credential === undefined ? {} : { credential }),
    });
    void tellLink(client.events(), hear);
    return { kind: "opened", changes: changesOf(client, signal) };
  } catch (error) {
    return { kind: "failed", outcome: failureOf(error, signal) };
  }
}

function changesOf(client: RogerdClient, signal: AbortSignal): Changes {
  return {
    from: (wish) => {
      const options = optionsOf(wish, signal);
      const { partition } = wish;
      const watch =
        partition === undefined
          ? client.watch(options)
          : client.partition(partition).watch(options);
      return streamOf(watch, signal);
    },
    close: () => client.close(),
  };
}

function optionsOf({ place, prefix, types }: ChangesWish, signal: AbortSignal): WatchOptions {
  const from = place?.n === undefined ? place?.revision : { revision: place.revision, n: place.n };
  return {
    signal,
    ...(from === undefined ? {} : { from }),
    ...(prefix === undefined ? {} : { prefix }),
    // Which there are only a node knows, and it may be a newer one.
    ...(types === undefined ? {} : { types: types as NonNullable<WatchOptions["types"]> }),
  };
}

function streamOf(watch: Watch, signal: AbortSignal): ChangeStream {
  return {
    get through() {
      return watch.through;
    },
    next: async (): Promise<NextChange> => {
      try {
        const { done, value } = await watch.next();
        return done === true ? { kind: "over" } : { kind: "change", change: value };
      } catch (error) {
        if (signal.aborted) return { kind: "over" };
        if (error instanceof CompactedError) return { kind: "lost", through: error.revision };
        return { kind: "failed", outcome: failureOf(error, signal) };
      }
    },
  };
}

/** Only what changes what the operator sees: with whom it speaks. */
async function tellLink(
  events: AsyncIterableIterator<ClientEvent>,
  hear: (sentence: string) => void,
): Promise<void> {
  for await (const event of events) {
    if (event.kind === "disconnected")
      hear(`lost ${event.endpoint} (${event.reason}); watching on where a node answers`);
    else if (event.kind === "connected") hear(`watching on at ${event.endpoint}, which leads`);
    else if (event.kind === "refused") hear(`${event.endpoint} refuses: ${event.error.message}`);
  }
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { kind: "unavailable", reason: "it was interrupted" };
  if (!(error instanceof RogerdError)) throw error;
  const { cause, code, message } = error;
  if (code === "deadline_exceeded" || !isErrorCode(code)) {
    return { kind: "unavailable", reason: cause instanceof Error ? cause.message : message };
  }
  const path = error instanceof InvalidArgumentError ? error.path : undefined;
  return {
    kind: "refused",
    error: errorObject(code, message, path === undefined ? {} : { path }),
  };
}
