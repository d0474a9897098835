// peer-codec.ts — everything that travels between peers ↔ bytes. A frame is four bytes of header
// (protocol version, kind, group number) and one flat array. All that arrives is checked: a frame
// that does not read is a MalformedError, and none of it counts.
// A message carries no `from` and `to`: the connection knows both, so that nobody speaks for another.
import { incarnation, isNodeId, type Message, type NodeId } from "@rogerd/raft";
import { FlatReader, type FlatValue, MalformedError, packFlat } from "../flat-codec.ts";
import { pushMessage, readMessage } from "./message-codec.ts";
import {
  type PeerHello,
  type PeerRefusal,
  peerProtocolVersion,
  refusalCodes,
} from "./peer-hello.ts";

/** The state hash of a node after the entry `index` (DESIGN §5). */
export interface HashReport {
  readonly index: number;
  readonly hash: string;
}

export type PeerFrame =
  | { readonly kind: "hello"; readonly hello: PeerHello }
  | { readonly kind: "refusal"; readonly refusal: PeerRefusal }
  | { readonly kind: "messages"; readonly messages: readonly Message[] }
  | { readonly kind: "hashes"; readonly reports: readonly HashReport[] };

const frameKinds = { hello: 1, refusal: 2, messages: 3, hashes: 4 } as const;
const headerBytes = 4;
/** There is one group today; its number is in every frame from the first day (DESIGN §9). */
const group = 0;

export interface Route {
  readonly from: NodeId;
  readonly to: NodeId;
}

export function encodePeerFrame(frame: PeerFrame): Uint8Array {
  const values: FlatValue[] = [];
  switch (frame.kind) {
    case "hello":
      pushHello(values, frame.hello);
      break;
    case "refusal":
      values.push(frame.refusal.code, frame.refusal.sentence);
      break;
    case "messages":
      values.push(frame.messages.length);
      for (const message of frame.messages) pushMessage(values, message);
      break;
    case "hashes":
      values.push(frame.reports.length);
      for (const report of frame.reports) values.push(report.index, report.hash);
  }
  const header = [peerProtocolVersion, frameKinds[frame.kind], group >> 8, group & 0xff];
  return packFlat({ header, values });
}

/** Throws MalformedError. `route` is who sent it to whom, as the handshake of its connection said. */
export function decodePeerFrame(bytes: Uint8Array, route: Route): PeerFrame {
  const kind = readHeader(bytes);
  const reader = new FlatReader(bytes.subarray(headerBytes));
  const frame = readBody(kind, reader, route);
  reader.end();
  return frame;
}

/** The version of a frame, whatever else it holds: the header is the same for ever. */
export function versionOf(bytes: Uint8Array): number | undefined {
  return bytes[0];
}

function readHeader(bytes: Uint8Array): number {
  const [version, kind, groupHigh, groupLow] = bytes;
  if (version !== peerProtocolVersion) {
    throw new MalformedError(`protocol version ${version ?? "missing"} is not spoken here`);
  }
  if (groupHigh !== group >> 8 || groupLow !== (group & 0xff)) {
    throw new MalformedError("it is for a group that is not here");
  }
  return kind ?? 0;
}

function readBody(kind: number, reader: FlatReader, route: Route): PeerFrame {
  switch (kind) {
    case frameKinds.hello:
      return { kind: "hello", hello: readHello(reader) };
    case frameKinds.refusal:
      return { kind: "refusal", refusal: readRefusal(reader) };
    case frameKinds.messages: {
      const messages = reader.list("messages", { countMax: 2 ** 16 }, () =>
        readMessage(reader, route),
      );
      return { kind: "messages", messages };
    }
    case frameKinds.hashes: {
      const reports = reader.list("hashes", { countMax: 64 }, () => ({
        index: reader.count("index"),
        hash: reader.matching("hash", /^[0-9a-f]{1,128}$/),
      }));
      return { kind: "hashes", reports };
    }
    default:
      throw new MalformedError(`frame kind ${kind} is not known`);
  }
}

function pushHello(values: FlatValue[], hello: PeerHello): void {
  values.push(
    hello.protocol,
    hello.clusterId ?? null,
    hello.nodeId,
    hello.name,
    hello.incarnation,
    hello.peerUrl,
    hello.clientUrl,
    hello.credential,
    hello.founders.length,
  );
  for (const founder of hello.founders) values.push(founder.name, founder.host, founder.port);
  values.push(hello.memberIds.length, ...hello.memberIds);
}

function readHello(reader: FlatReader): PeerHello {
  return {
    protocol: reader.count("protocol"),
    clusterId: reader.optional(() => reader.matching("cluster id", /^[0-9a-f]{32}$/)),
    nodeId: readNodeId(reader),
    name: readName(reader),
    incarnation: incarnation(reader.count("incarnation")),
    peerUrl: readName(reader),
    clientUrl: readName(reader),
    credential: reader.text("credential", { charactersMax: 4096 }),
    founders: reader.list("founders", { countMax: 64 }, () => ({
      name: readName(reader),
      host: readName(reader),
      port: reader.count("port"),
    })),
    memberIds: reader.list("members", { countMax: 256 }, () => readNodeId(reader)),
  };
}

function readRefusal(reader: FlatReader): PeerRefusal {
  const said = reader.text("code", { charactersMax: 32 });
  const code = refusalCodes.find((known) => known === said);
  if (code === undefined) throw new MalformedError(`refusal ${said} is not known`);
  return { code, sentence: reader.text("sentence", { charactersMax: 2048 }) };
}

function readNodeId(reader: FlatReader): NodeId {
  const id = reader.text("node id", { charactersMax: 32 });
  if (isNodeId(id)) return id;
  throw new MalformedError("a node id is 32 hex digits");
}

function readName(reader: FlatReader): string {
  return reader.text("name", { charactersMax: 512 });
}
