// client-port.ts — one HTTP server for requests and for WebSockets at `/v1`: whom it lets in, and which
// parts serve those who are in. It decides who may connect, never what a request means.
import {
  chooseSubprotocol,
  type LeaderChanged,
  type Subprotocol,
  subprotocols,
} from "@rogerd/protocol";
import { Backups } from "../backup/backups.ts";
import { HttpSide } from "../http/http-side.ts";
import type {
  Closing,
  HttpRequest,
  HttpResponse,
  PortListener,
  Socket,
  SocketListener,
  UpgradeRequest,
  UpgradeVerdict,
} from "../network.ts";
import { Admission } from "../request/admission.ts";
import { entryMaker } from "../request/entry-maker.ts";
import { RequestRouter } from "../request/route-request.ts";
import { UsedRequestIds } from "../request/used-request-ids.ts";
import { Credentials } from "../session/credentials.ts";
import { Keepers } from "../session/keepers.ts";
import { Leases } from "../session/leases.ts";
import { Pushes } from "../session/pushes.ts";
import { Sessions } from "../session/sessions.ts";
import { Watches } from "../watch/watches.ts";
import { type BrowserRules, browserProblem, browserRules } from "./browser-guard.ts";
import { Connections } from "./connections.ts";
import { FlushTurn } from "./flush-turn.ts";
import type { ListenerParts } from "./listener.ts";

const webSocketPath = "/v1";
const goingAway = "this node is going away";

export class ClientPort implements PortListener {
  readonly #parts: ListenerParts;
  readonly #rules: BrowserRules;
  readonly #admission: Admission;
  readonly #router: RequestRouter;
  readonly #used: UsedRequestIds;
  readonly #leases: Leases;
  readonly #pushes: Pushes;
  readonly #watches: Watches;
  readonly #connections: Connections;
  readonly #backups: Backups;
  readonly #http: HttpSide;
  #unsubscribe: (() => void) | undefined;
  #told: LeaderChanged | undefined;
  #isLookingForLeader = false;
  #isStopping = false;

  constructor(parts: ListenerParts) {
    const { settings, platform, bounds, self } = parts;
    this.#parts = parts;
    this.#rules = browserRules(settings);
    this.#admission = new Admission(bounds);
    const entries = entryMaker(parts.clock);
    const sessions = new Sessions();
    const leases = new Leases({ ...parts, entries, sessions });
    const admission = this.#admission;
    const watches = new Watches(parts);
    const used = new UsedRequestIds(parts);
    this.#used = used;
    const keepers = new Keepers(bounds);
    const asked = { entries, leases, keepers, watches, admission, used };
    const router = new RequestRouter({ ...parts, ...asked });
    const credentials = new Credentials({ expected: settings.credential, platform });
    this.#router = router;
    this.#leases = leases;
    this.#pushes = new Pushes({ ...parts, sessions });
    const reception = {
      self,
      credentials,
      bounds,
      leader: () => router.leader(),
      members: () => router.members(),
    };
    const turn = new FlushTurn();
    const circle = { ...parts, router, sessions, leases, keepers, watches, reception, turn };
    this.#watches = watches;
    this.#connections = new Connections(circle);
    const isStopping = () => this.#isStopping;
    this.#backups = new Backups(parts);
    this.#http = new HttpSide({
      ...parts,
      backups: this.#backups,
      rules: this.#rules,
      router,
      credentials,
      isStopping,
    });
  }

  start(): void {
    this.#connections.start();
    this.#leases.start();
    this.#used.start();
    this.#pushes.start();
    this.#watches.start();
    this.#told = this.#whom();
    const moved = () => this.#leadershipMoved();
    this.#unsubscribe = this.#parts.events.subscribe({
      roleChanged: moved,
      configurationChanged: moved,
    });
  }

  judgeUpgrade(request: UpgradeRequest): UpgradeVerdict {
    const problem = browserProblem(this.#rules, request.headers);
    if (problem !== undefined) return refusal(403, problem);
    if (request.path !== webSocketPath) return refusal(404, `WebSockets are at ${webSocketPath}`);
    const subprotocol = chooseSubprotocol(request.subprotocols);
    if (subprotocol === undefined) {
      const offered = Object.values(subprotocols).join(" or ");
      return refusal(400, `offer the subprotocol ${offered}`);
    }
    if (this.#isStopping) return refusal(503, goingAway);
    if (this.#connections.isCrowded) return refusal(503, "this node takes no more connections");
    return { kind: "accept", subprotocol };
  }

  accepted(arrival: { readonly socket: Socket; readonly subprotocol: string }): SocketListener {
    return this.#connections.accept(arrival.socket, spoken(arrival.subprotocol));
  }

  answer(request: HttpRequest): Promise<HttpResponse> {
    return this.#http.answer(request);
  }

  /** Says goodbye; resolves when nothing is in flight and all connections have closed. */
  async drain(): Promise<void> {
    this.#isStopping = true;
    this.#router.stopTaking(goingAway);
    this.#connections.drainAll(goingAway);
    await Promise.all([this.#connections.empty(), this.#admission.idle()]);
  }

  /** Nothing is asked or answered any more. */
  stop(closing: Closing): void {
    this.#isStopping = true;
    this.#router.stopTaking(goingAway);
    this.#unsubscribe?.();
    this.#router.stop();
    this.#leases.stop();
    this.#watches.stop();
    this.#backups.stop();
    this.#connections.closeAll(closing);
  }

  /** Resolves when all connections have closed. */
  empty(): Promise<void> {
    return this.#connections.empty();
  }

  /** Told in the middle of a step: looked at when the step is over. */
  #leadershipMoved(): void {
    if (this.#isLookingForLeader) return;
    this.#isLookingForLeader = true;
    this.#parts.platform.afterTurn(() => {
      this.#isLookingForLeader = false;
      if (this.#isStopping) return;
      this.#leases.leadershipMoved();
      this.#tellWhom();
    });
  }

  #whom(): LeaderChanged {
    return { kind: "leader", leader: this.#router.leader(), members: this.#router.members() };
  }

  /** Whoever just says hello is told in the welcome. */
  #tellWhom(): void {
    const whom = this.#whom();
    if (JSON.stringify(whom) === JSON.stringify(this.#told)) return;
    this.#told = whom;
    this.#connections.tellAll(whom);
  }
}

function refusal(status: number, reason: string): UpgradeVerdict {
  return { kind: "refuse", status, reason };
}

/** The one that `judgeUpgrade` chose. */
function spoken(subprotocol: string): Subprotocol {
  return subprotocol === subprotocols.json ? subprotocols.json : subprotocols.msgpack;
}
