// member-wish.ts — the body of POST /v1/admin/member/ACTION, checked: names, and addresses as host:port.
import type { Configuration, Member } from "@rogerd/raft";
import { addressText, parseAddress, parseName } from "../settings/parse-setting.ts";
import type { MemberAction } from "./change-member.ts";

interface Named {
  /** A member's name, or its id. */
  readonly name: string;
  /** `waived`: also where fewer than a majority of the new voters answer. */
  readonly guard: "kept" | "waived";
}

export type MemberWish =
  | (Named & { readonly kind: "add"; readonly clientUrl: string; readonly peerUrl: string })
  | (Named & { readonly kind: "promote" })
  | (Named & { readonly kind: "remove" })
  | (Named & { readonly kind: "replace"; readonly by: string })
  | (Named & {
      readonly kind: "update";
      readonly clientUrl: string | undefined;
      readonly peerUrl: string | undefined;
    })
  | { readonly kind: "wrong"; readonly path: string; readonly message: string };

type Body = Readonly<Record<string, unknown>>;

const wrong = (path: string, message: string): MemberWish => ({ kind: "wrong", path, message });

export function parseMemberWish(action: MemberAction, body: Body): MemberWish {
  const name = parseName(body["name"]);
  if (name === undefined) return wrong("name", "name must name a member");
  const { force } = body;
  if (force !== undefined && typeof force !== "boolean") {
    return wrong("force", "force must be true or false");
  }
  const named: Named = { name, guard: force === true ? "waived" : "kept" };
  if (action === "promote" || action === "remove") return { ...named, kind: action };
  if (action === "replace") {
    const by = parseName(body["by"]);
    return by === undefined
      ? wrong("by", "by must name a learner")
      : { ...named, kind: action, by };
  }
  return withAddresses(action, named, body);
}

function withAddresses(action: "add" | "update", named: Named, body: Body): MemberWish {
  const clientUrl = urlAt(body, "client");
  const peerUrl = urlAt(body, "peer");
  for (const path of ["client", "peer"]) {
    const isMissing = action === "add" && body[path] === undefined;
    if (isMissing || (body[path] !== undefined && urlAt(body, path) === undefined)) {
      return wrong(path, `${path} must be host:port, as 10.0.0.5:7501`);
    }
  }
  if (peerUrl !== undefined && peerUrl === clientUrl) {
    return wrong("client", "client must be another address than peer: each has a port of its own");
  }
  if (action === "update") {
    if (clientUrl !== undefined || peerUrl !== undefined) {
      return { ...named, kind: action, clientUrl, peerUrl };
    }
    return wrong("peer", "give a new client or peer address");
  }
  if (clientUrl === undefined || peerUrl === undefined) return wrong("peer", "both are needed");
  return { ...named, kind: action, clientUrl, peerUrl };
}

function urlAt(body: Body, path: string): string | undefined {
  const address = parseAddress(body[path]);
  return address === undefined ? undefined : `ws://${addressText(address)}`;
}

/** By name; or by id, where a name is not to be had. */
export function memberNamed(
  configuration: Pick<Configuration, "members">,
  name: string,
): Member | undefined {
  const { members } = configuration;
  return members.find((member) => member.name === name) ?? members.find(({ id }) => id === name);
}
