// load-persister.ts — where snapshots go: the data directory, or a module of the operator's
// (`--persister ./mine.js`, DESIGN §5). The module exports `createPersister({ directory })`.
import { FilesystemPersister, type Persister } from "@rogerd/raft";
import { SettingsError } from "./failure.ts";
import type { Platform } from "./platform.ts";

/** Rejects with SettingsError. */
export async function loadPersister(parts: {
  readonly platform: Pick<Platform, "disk" | "loadModule">;
  readonly module: string | undefined;
  /** Where the filesystem persister keeps snapshots; a module may use it or not. */
  readonly directory: string;
}): Promise<Persister> {
  const { platform, module, directory } = parts;
  if (module === undefined) return new FilesystemPersister({ disk: platform.disk, directory });
  const made = await createFrom(module, parts);
  if (isPersister(made)) return made;
  throw new SettingsError(
    `What createPersister of ${module} returned is no persister: it needs durable, init, list, load, store and remove.`,
  );
}

async function createFrom(
  module: string,
  parts: { readonly platform: Pick<Platform, "loadModule">; readonly directory: string },
): Promise<unknown> {
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await parts.platform.loadModule(module);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`The persister ${module} can't be loaded: ${why}.`, { cause: error });
  }
  const create = exports["createPersister"];
  if (typeof create !== "function") {
    throw new SettingsError(`The persister ${module} must export a function createPersister.`);
  }
  const made: unknown = await create({ directory: parts.directory });
  return made;
}

function isPersister(value: unknown): value is Persister {
  if (typeof value !== "object" || value === null) return false;
  const methods = ["init", "list", "load", "store", "remove"];
  return (
    typeof Reflect.get(value, "durable") === "boolean" &&
    methods.every((name) => typeof Reflect.get(value, name) === "function")
  );
}
