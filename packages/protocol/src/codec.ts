// codec.ts — bytes ↔ frame, for both subprotocols. Nothing unchecked gets past: what comes out is
// a frame of the right shape made of plain values, or a problem in words. It never throws for what
// it is given, keeps nothing between frames, and never lets a peer define what bytes mean.
import { Packr } from "msgpackr";
import {
  type CheckedClientFrame,
  checkClientFrame,
  type RejectedRequest,
} from "./client-frame-check.ts";
import { checkDaemonFrame } from "./daemon-frame-check.ts";
import { errorObject } from "./error-code.ts";
import type { ClientFrame, DaemonFrame, Request } from "./frame.ts";
import type { FrameProblem, Subprotocol } from "./handshake.ts";
import { jsonProblem } from "./json-scan.ts";
import { closeCodes, frameBytesMax, requestBytesMax, subprotocols } from "./limits.ts";
import { msgpackProblem } from "./msgpack-scan.ts";
import { Mismatch } from "./plain-value.ts";
import { clientFrameBounds, daemonFrameBounds, type ScanBounds } from "./scan-bounds.ts";

interface Problem {
  readonly kind: "problem";
  readonly problem: FrameProblem;
}

export type DecodedClientFrame =
  | {
      readonly kind: "frame";
      readonly frame: ClientFrame;
      /** Requests with an id that can't be asked: answer these, and go on with the frame. */
      readonly rejected: readonly RejectedRequest[];
    }
  | Problem;

export type DecodedDaemonFrame = { readonly kind: "frame"; readonly frame: DaemonFrame } | Problem;

/** No records: they would make bytes depend on the bytes before them. */
const msgpack = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  encodeUndefinedAsNil: true,
  int64AsType: "number",
});

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Text for the JSON subprotocol (a text message), bytes for MessagePack (a binary one). */
export function encodeFrame(
  subprotocol: Subprotocol,
  frame: ClientFrame | DaemonFrame,
): Uint8Array | string {
  if (subprotocol === subprotocols.json) return JSON.stringify(frame);
  return msgpack.pack(frame);
}

export function decodeClientFrame(
  subprotocol: Subprotocol,
  data: Uint8Array | string,
): DecodedClientFrame {
  if (data.length > frameBytesMax) return tooLarge;
  const parsed = parse(subprotocol, data, clientFrameBounds);
  if (parsed instanceof Mismatch) return malformed(parsed);
  const checked = checkClientFrame(parsed.value);
  if (checked instanceof Mismatch) return malformed(checked);
  const { frame, rejected } = data.length > requestBytesMax ? withoutHuge(checked) : checked;
  return { kind: "frame", frame, rejected };
}

/** A frame may be larger than a request may be: only then are its requests measured one by one. */
function withoutHuge(checked: CheckedClientFrame): CheckedClientFrame {
  const { frame } = checked;
  if (frame.kind !== "requests") return checked;
  const requests = frame.requests.filter((request) => !isHuge(request));
  const huge = frame.requests.filter(isHuge).map(({ id }) => ({ id, error: requestTooLarge }));
  return { frame: { ...frame, requests }, rejected: [...checked.rejected, ...huge] };
}

function isHuge(request: Request): boolean {
  return msgpack.pack(request).length > requestBytesMax;
}

const requestTooLarge = errorObject(
  "payload_too_large",
  `a request may take ${requestBytesMax} bytes`,
);

export function decodeDaemonFrame(
  subprotocol: Subprotocol,
  data: Uint8Array | string,
): DecodedDaemonFrame {
  if (data.length > frameBytesMax) return tooLarge;
  const parsed = parse(subprotocol, data, daemonFrameBounds);
  if (parsed instanceof Mismatch) return malformed(parsed);
  const frame = checkDaemonFrame(parsed.value);
  return frame instanceof Mismatch ? malformed(frame) : { kind: "frame", frame };
}

/** Sockets hand over text as its bytes, too; MessagePack never comes as text. */
function parse(
  subprotocol: Subprotocol,
  data: Uint8Array | string,
  bounds: ScanBounds,
): { value: unknown } | Mismatch {
  if (subprotocol === subprotocols.json) return parseJson(data, bounds);
  if (typeof data === "string") {
    return new Mismatch({ path: "frame", reason: "must be a binary message" });
  }
  return parseMsgpack(data, bounds);
}

function parseMsgpack(bytes: Uint8Array, bounds: ScanBounds): { value: unknown } | Mismatch {
  const problem = msgpackProblem(bytes, bounds);
  if (problem !== undefined) return new Mismatch({ path: "frame", reason: `is wrong: ${problem}` });
  try {
    const value: unknown = msgpack.unpack(bytes);
    return { value };
  } catch (error) {
    return new Mismatch({ path: "frame", reason: `is not MessagePack: ${String(error)}` });
  }
}

function parseJson(data: Uint8Array | string, bounds: ScanBounds): { value: unknown } | Mismatch {
  const problem = jsonProblem(data, bounds);
  if (problem !== undefined) return new Mismatch({ path: "frame", reason: `is wrong: ${problem}` });
  try {
    const value: unknown = JSON.parse(typeof data === "string" ? data : utf8.decode(data));
    return { value };
  } catch (error) {
    return new Mismatch({ path: "frame", reason: `is not JSON: ${String(error)}` });
  }
}

const tooLarge: Problem = {
  kind: "problem",
  problem: {
    error: errorObject("payload_too_large", `a frame may take ${frameBytesMax} bytes`),
    closeCode: closeCodes.malformedFrame,
  },
};

function malformed({ path, reason }: Mismatch): Problem {
  const error = errorObject("invalid_argument", `${path} ${reason}`, { path });
  return { kind: "problem", problem: { error, closeCode: closeCodes.malformedFrame } };
}
