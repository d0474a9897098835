// node-platform.ts — surface only, for now.
import type { Platform } from "./platform.ts";

/** The world as Node gives it. */
export function nodePlatform(): Platform {
  throw new Error("under construction");
}
