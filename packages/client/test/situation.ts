// situation.ts — named situations the client's tests start from.
import { RogerdClient } from "../src/client.ts";
import type { ConnectOptions } from "../src/connect-options.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { VirtualWorld } from "./virtual-world.ts";

export interface Situation {
  readonly world: VirtualWorld;
  readonly cluster: FakeCluster;
  readonly client: RogerdClient;
}

export function aCluster(names: readonly string[] = ["n1", "n2", "n3"]): {
  readonly world: VirtualWorld;
  readonly cluster: FakeCluster;
} {
  const world = new VirtualWorld();
  return { world, cluster: new FakeCluster(world, { clusterId: "c1", names }) };
}

/** Connected to n1, which leads; steady for a while, so that nothing counts as a failed try. */
export async function aConnectedClient(
  options: Partial<ConnectOptions> = {},
  names: readonly string[] = ["n1", "n2", "n3"],
): Promise<Situation> {
  const { world, cluster } = aCluster(names);
  const connecting = RogerdClient.connect(world, { endpoints: cluster.endpoints, ...options });
  await world.run(2_000);
  return { world, cluster, client: await connecting };
}

/** A promise whose state can be looked at. */
export interface Watched<T> {
  outcome(): { readonly value: T } | { readonly error: unknown } | "open";
}

export function watched<T>(promise: Promise<T>): Watched<T> {
  let outcome: { readonly value: T } | { readonly error: unknown } | "open" = "open";
  promise.then(
    (value) => {
      outcome = { value };
    },
    (error: unknown) => {
      outcome = { error };
    },
  );
  return { outcome: () => outcome };
}
