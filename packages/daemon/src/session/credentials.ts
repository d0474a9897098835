// credentials.ts — who may ask: one shared credential, or anybody where the settings name none (then we
// listen on loopback, or the operator spelled it out). Comparing takes the same time wherever two
// credentials differ.
import type { Platform } from "../platform.ts";

export type CredentialVerdict = "accepted" | "missing" | "wrong";

export class Credentials {
  readonly #expected: string | undefined;
  readonly #platform: Pick<Platform, "isSameSecret">;

  constructor(parts: {
    readonly expected: string | undefined;
    readonly platform: Pick<Platform, "isSameSecret">;
  }) {
    this.#expected = parts.expected;
    this.#platform = parts.platform;
  }

  judge(given: string | undefined): CredentialVerdict {
    const expected = this.#expected;
    if (expected === undefined) return "accepted";
    if (given === undefined) return "missing";
    return this.#platform.isSameSecret({ given, expected }) ? "accepted" : "wrong";
  }
}
