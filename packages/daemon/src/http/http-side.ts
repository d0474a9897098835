// http-side.ts — the plain HTTP requests on the client port: a handful of routes, each with its method
// and whether it wants the credential. Browsers are judged before anything else (DESIGN §3).
import { errorObject } from "@rogerd/protocol";
import { type BrowserRules, browserProblem } from "../listener/browser-guard.ts";
import type { HttpRequest, HttpResponse } from "../network.ts";
import type {
  CurrentState,
  MembershipChanger,
  Self,
  StateHashes,
  Transferrer,
} from "../request/surroundings.ts";
import type { Credentials } from "../session/credentials.ts";
import { type BackupParts, backup, backupPath } from "./backup.ts";
import {
  type ChangeMemberParts,
  changeMember,
  memberActions,
  memberPath,
} from "./change-member.ts";
import { type CommandParts, command, commandPath } from "./command.ts";
import { members, membersPath } from "./members.ts";
import { livez, readyz, version } from "./probes.ts";
import { badRequestReply, errorReply, textReply, withHeaders } from "./reply.ts";
import { type RestoreParts, restore, restorePath } from "./restore.ts";
import { status } from "./status.ts";
import { type TransferParts, transferLeader, transferLeaderPath } from "./transfer-leader.ts";

export interface HttpSideParts
  extends CommandParts,
    TransferParts,
    ChangeMemberParts,
    BackupParts,
    RestoreParts {
  readonly router: CommandParts["router"] & RestoreParts["router"];
  readonly node: Transferrer & MembershipChanger;
  readonly rules: BrowserRules;
  readonly credentials: Credentials;
  readonly state: Pick<CurrentState, "notServing">;
  readonly hashes: StateHashes;
  readonly self: Self;
  readonly bounds: CommandParts["bounds"] & TransferParts["bounds"];
  readonly isStopping: () => boolean;
}

interface Route {
  readonly method: "GET" | "POST";
  /** Probes answer everybody: those who balance and restart nodes have no secrets. */
  readonly access: "open" | "credential";
  readonly answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;
}

export class HttpSide {
  readonly #parts: HttpSideParts;
  readonly #routes: ReadonlyMap<string, Route>;

  constructor(parts: HttpSideParts) {
    this.#parts = parts;
    this.#routes = new Map<string, Route>([
      ["/livez", { method: "GET", access: "open", answer: livez }],
      ["/readyz", { method: "GET", access: "open", answer: (request) => this.#readyz(request) }],
      ["/version", { method: "GET", access: "open", answer: () => version(parts.self) }],
      ["/status", { method: "GET", access: "credential", answer: (each) => this.#status(each) }],
      [
        commandPath,
        { method: "POST", access: "credential", answer: (request) => command(request, parts) },
      ],
      [
        transferLeaderPath,
        { method: "POST", access: "credential", answer: (each) => transferLeader(each, parts) },
      ],
      [
        membersPath,
        { method: "POST", access: "credential", answer: (each) => members(each, parts) },
      ],
      [backupPath, { method: "POST", access: "credential", answer: (each) => backup(each, parts) }],
      [
        restorePath,
        { method: "POST", access: "credential", answer: (each) => restore(each, parts) },
      ],
      ...memberActions.map((action): [string, Route] => [
        memberPath(action),
        {
          method: "POST",
          access: "credential",
          answer: (each) => changeMember(each, { ...parts, action }),
        },
      ]),
    ]);
  }

  async answer(request: HttpRequest): Promise<HttpResponse> {
    const { rules } = this.#parts;
    const problem = browserProblem(rules, request.headers);
    if (problem !== undefined) return errorReply(errorObject("forbidden", problem));
    const reply = await this.#route(request);
    const { origin } = request.headers;
    if (origin === undefined) return reply;
    return withHeaders(reply, { "access-control-allow-origin": origin, vary: "origin" });
  }

  #route(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const { method, path } = request;
    const route = this.#routes.get(path);
    if (route === undefined) {
      const message = `there is nothing at this path: try ${[...this.#routes.keys()].join(", ")}`;
      return badRequestReply(404, { path: "path", message });
    }
    // A listed browser asks first whether it may.
    if (method === "OPTIONS" && request.headers["origin"] !== undefined) return permit(route);
    if (method !== route.method && !(method === "HEAD" && route.method === "GET")) {
      const message = `${path} takes ${route.method}`;
      const reply = badRequestReply(405, { path: "method", message });
      return withHeaders(reply, { allow: route.method });
    }
    return this.#unauthenticated(route, request) ?? route.answer(request);
  }

  #unauthenticated({ access }: Route, { headers }: HttpRequest): HttpResponse | undefined {
    if (access === "open") return undefined;
    const given = /^Bearer +(.+)$/i.exec(headers["authorization"] ?? "")?.[1]?.trim();
    const verdict = this.#parts.credentials.judge(given);
    if (verdict === "accepted") return undefined;
    const message = `this node wants a credential: the one given is ${verdict}`;
    const reply = errorReply(errorObject("unauthenticated", message));
    return withHeaders(reply, { "www-authenticate": "Bearer" });
  }

  #readyz({ query }: HttpRequest): HttpResponse {
    const { node, state, isStopping } = this.#parts;
    const vitals = {
      raft: node.status(),
      notServing: state.notServing,
      isStopping: isStopping(),
    };
    return readyz(vitals, query);
  }

  async #status({ query }: HttpRequest): Promise<HttpResponse> {
    const { node, hashes, self } = this.#parts;
    const stateHash = query["hash"] === "now" ? await hashes.take() : hashes.last();
    return status({ raft: node.status(), self, stateHash });
  }
}

function permit({ method }: Route): HttpResponse {
  const empty = { ...textReply(204, []), body: "" };
  return withHeaders(empty, {
    "access-control-allow-methods": method,
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": "600",
  });
}
