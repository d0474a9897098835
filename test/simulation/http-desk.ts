// http-desk.ts — one request over HTTP to one machine: it gets there a moment later, and the answer may
// never come, because the process is frozen or gone. Then nobody knows what became of it.
import type { HttpResponse } from "@rogerd/daemon";
import type { Dice } from "./dice.ts";
import type { Machine } from "./machine.ts";
import { clientPort } from "./options.ts";
import type { World } from "./world.ts";

export interface HttpDeskParts {
  readonly world: World;
  readonly dice: Dice;
  /** Nobody waits longer for an answer. */
  readonly patienceMs: number;
}

export class HttpDesk {
  readonly #parts: HttpDeskParts;

  constructor(parts: HttpDeskParts) {
    this.#parts = parts;
  }

  post(
    machine: Machine,
    asked: { readonly path: string; readonly body: object },
  ): Promise<HttpResponse | undefined> {
    const { dice, patienceMs, world } = this.#parts;
    const { network, time } = world;
    const { host, process } = machine;
    const request = {
      method: "POST",
      query: {},
      path: asked.path,
      body: JSON.stringify(asked.body),
    };
    return new Promise((resolve) => {
      time.schedule({ afterMs: patienceMs, run: () => resolve(undefined) });
      time.schedule({
        afterMs: dice.between({ from: 0.1, to: 3 }),
        process,
        run: () => void network.ask(host, clientPort, request).then(resolve),
      });
    });
  }
}

export function objectOf(body: string): Readonly<Record<string, unknown>> {
  return asObject(JSON.parse(body));
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
