// curl-caller.ts — a script that calls by HTTP, as with curl: no session, one call after the other, and for
// each write a request id of its own, under which it asks again, wherever, until it is answered (SEMANTICS
// §6). Also after it was answered, now and then: the same id must get the same answer (I7).
import type { RogerAnswer, RogerCall } from "../checkers/roger-models.ts";
import { drawCall } from "../e2e/random-calls.ts";
import type { ClientChecks } from "./client-checks.ts";
import type { Dice } from "./dice.ts";
import type { Fleet } from "./fleet.ts";
import { asObject, HttpDesk, objectOf } from "./http-desk.ts";
import type { RunOptions } from "./options.ts";
import type { Findings } from "./violation.ts";
import type { World } from "./world.ts";

export interface CurlCallerParts {
  readonly world: World;
  readonly fleet: Fleet;
  readonly checks: ClientChecks;
  readonly findings: Findings;
  readonly options: RunOptions;
  readonly dice: Dice;
}

interface Command {
  readonly partition: string;
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly requestId?: string;
}

const name = "c90";
const ownPartition = "own-curl";

export class CurlCaller {
  readonly #parts: CurlCallerParts;
  readonly #desk: HttpDesk;
  #requests = 0;
  #isOver = false;
  isIdle = true;

  constructor(parts: CurlCallerParts) {
    const { dice, world } = parts;
    this.#parts = parts;
    this.#desk = new HttpDesk({ world, dice, patienceMs: 400 });
  }

  begin(): void {
    void this.#work();
  }

  /** No new calls from now on. */
  finish(): void {
    this.#isOver = true;
  }

  async #work(): Promise<void> {
    const { dice, options } = this.#parts;
    for (const partition of [ownPartition, "shared"]) await this.#started(partition);
    while (!this.#isOver) {
      await this.#wait(dice.around(2 * options.calls.thinkMs));
      if (this.#isOver) return;
      const call = drawCall((sides) => dice.below(sides), options.calls.names);
      await this.#call(call, dice.chance(0.5) ? ownPartition : "shared");
    }
  }

  async #started(partition: string): Promise<void> {
    const command = { partition, command: "partition.start", args: {}, requestId: this.#newId() };
    while (!this.#isOver && (await this.#ask(command)) === undefined) await this.#wait(100);
  }

  async #call(call: RogerCall, partition: string): Promise<void> {
    const { checks, dice, options, world } = this.#parts;
    const record = checks.begin(name, { partition, call });
    const end = world.time.now + options.calls.timeoutMs;
    const command = this.#commandOf(call, partition);
    this.isIdle = false;
    let answer = await this.#ask(command);
    while (answer === undefined && world.time.now < end) {
      await this.#wait(dice.around(30));
      answer = await this.#ask(command);
    }
    this.isIdle = true;
    if (answer === undefined) return record.lost("no answer");
    record.answered(answerOf(answer));
    if (command.requestId !== undefined && dice.chance(0.2)) await this.#again(command, answer);
  }

  async #again(command: Command, first: Readonly<Record<string, unknown>>): Promise<void> {
    const second = await this.#ask(command);
    if (second === undefined || JSON.stringify(second) === JSON.stringify(first)) return;
    this.#parts.findings.broken("same request, same answer (V18, I7)", [
      `${name}  ${JSON.stringify(command)} was answered ${JSON.stringify(first)}`,
      `${name}  asked again under the same id: ${JSON.stringify(second)}`,
    ]);
  }

  /** Undefined: not answered, or not decided; to be asked again. */
  async #ask(command: Command): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { dice, findings, fleet } = this.#parts;
    const running = fleet.living.filter(({ isRunning }) => isRunning);
    let machine = running[dice.below(Math.max(1, running.length))];
    for (let hops = 0; machine !== undefined && hops < 3; hops += 1) {
      const told = await this.#desk.post(machine, { path: "/v1/command", body: command });
      if (told?.status === 307) {
        machine = fleet.at(new URL(told.headers["location"] ?? "http://nobody").hostname);
        continue;
      }
      if (told?.status === 200) return objectOf(told.body);
      if (told !== undefined && ![429, 503, 504].includes(told.status)) {
        findings.broken("a call over HTTP fails only in ways that faults can cause", [
          `${name}  ${JSON.stringify(command)}: ${told.status} ${told.body}`,
        ]);
      }
      return undefined;
    }
    return undefined;
  }

  #commandOf(call: RogerCall, partition: string): Command {
    const command = `roger.${call.form}`;
    if (call.form === "queueGetPaused") return { partition, command, args: {} };
    const isOfJob = call.form === "cancelJob" || call.form === "isCancelled";
    const isOfQueue = call.form === "queuePause" || call.form === "queueResume";
    const key = isOfJob ? "jobId" : isOfQueue ? "queue" : "key";
    const change = "change" in call && call.change !== undefined ? { [call.change]: true } : {};
    const isRead = call.form.startsWith("is") && !("change" in call && call.change !== undefined);
    const args = { [key]: call.name, ...change };
    return { partition, command, args, ...(isRead ? {} : { requestId: this.#newId() }) };
  }

  #newId(): string {
    this.#requests += 1;
    return `request-${this.#requests}`;
  }

  #wait(ms: number): Promise<void> {
    const { time } = this.#parts.world;
    return new Promise((resolve) => void time.schedule({ afterMs: ms, run: resolve }));
  }
}

function answerOf(told: Readonly<Record<string, unknown>>): RogerAnswer {
  const { before, queues, status } = asObject(told["result"]);
  if (status === "member") return before === true;
  if (Array.isArray(queues)) return queues.map(String).sort();
  return "ok";
}
