// operator-desk.ts — how the operator speaks to the cluster: requests over HTTP, as rogerctl makes them. They
// go to the leader as far as nodes say who that is; an answer may not come, and then nobody knows.
import type { Dice } from "./dice.ts";
import type { Fleet } from "./fleet.ts";
import { asObject, HttpDesk, objectOf } from "./http-desk.ts";
import type { World } from "./world.ts";

export interface Listed {
  readonly joint: boolean;
  readonly members: readonly {
    readonly id: string;
    readonly name: string;
    readonly role: string;
    readonly peerUrl: string;
  }[];
}

export type Answer =
  | { readonly kind: "changed"; readonly secret: string | undefined }
  | { readonly kind: "declined"; readonly reason: string }
  /** Certainly without effect: ask again. */
  | { readonly kind: "not-now" }
  | { readonly kind: "unknown" };

/** An operator does not wait longer for an answer. */
const patienceMs = 3_000;
const hopsMax = 3;

export class OperatorDesk {
  readonly #world: World;
  readonly #fleet: Fleet;
  readonly #dice: Dice;
  readonly #desk: HttpDesk;

  constructor(parts: { readonly world: World; readonly fleet: Fleet; readonly dice: Dice }) {
    this.#world = parts.world;
    this.#fleet = parts.fleet;
    this.#dice = parts.dice;
    this.#desk = new HttpDesk({ ...parts, patienceMs });
  }

  async members(): Promise<Listed | undefined> {
    const told = await this.#request("/v1/admin/members", {});
    return told?.status === 200 ? parseListed(told.body) : undefined;
  }

  /** Asked once: what is not answered may have been done. */
  async change(action: string, body: Readonly<Record<string, unknown>>): Promise<Answer> {
    const told = await this.#request(`/v1/admin/member/${action}`, body);
    if (told === undefined || told.status === 504) return { kind: "unknown" };
    if (told.status !== 200) return { kind: "not-now" };
    const { changed, reason, secret } = objectOf(told.body);
    const declined = typeof reason === "string" ? reason : undefined;
    const text = `${action} ${JSON.stringify(body)}: ${declined ?? "done"}`;
    this.#world.trace.say("operator", text);
    if (changed !== true) return { kind: "declined", reason: declined ?? "" };
    return { kind: "changed", secret: typeof secret === "string" ? secret : undefined };
  }

  async #request(
    path: string,
    body: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly status: number; readonly body: string } | undefined> {
    const running = this.#fleet.living.filter(({ isRunning }) => isRunning);
    let machine = running[this.#dice.below(Math.max(1, running.length))];
    for (let hops = 0; machine !== undefined && hops < hopsMax; hops += 1) {
      const answer = await this.#desk.post(machine, { path, body });
      if (answer?.status !== 307) return answer ?? undefined;
      const { hostname } = new URL(answer.headers["location"] ?? "http://nobody");
      machine = this.#fleet.at(hostname);
    }
    return { status: 503, body: "{}" };
  }
}

function parseListed(body: string): Listed | undefined {
  const { joint, members } = objectOf(body);
  if (typeof joint !== "boolean" || !Array.isArray(members)) return undefined;
  const listed = members.map((member: unknown) => {
    const { id, name, peerUrl, role } = asObject(member);
    return { id: String(id), name: String(name), role: String(role), peerUrl: String(peerUrl) };
  });
  return { joint, members: listed };
}
