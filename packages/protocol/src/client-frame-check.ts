// client-frame-check.ts — is this decoded value a frame that a client may send?
// Builds the frame from the fields it has checked, so that nothing unchecked comes along.
// One malformed request does not spoil its neighbours: it is rejected by its id.
import { type ErrorObject, errorObject } from "./error-code.ts";
import type { ClientFrame, Hello, Ping, Request, Requests } from "./frame.ts";
import { credentialLengthMax, nameLengthMax, requestsPerFrameMax } from "./limits.ts";
import {
  isCount,
  isList,
  isMap,
  isText,
  Mismatch,
  mismatch,
  type PlainMap,
  plainMismatch,
} from "./plain-value.ts";

/** A request that has an id but can't be asked; the answer to it is this error. */
export interface RejectedRequest {
  readonly id: number;
  readonly error: ErrorObject;
}

export interface CheckedClientFrame {
  readonly frame: ClientFrame;
  readonly rejected: readonly RejectedRequest[];
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

const none: readonly RejectedRequest[] = [];

export function checkClientFrame(value: unknown): CheckedClientFrame | Mismatch {
  if (!isMap(value)) return mismatch("frame", "must be a map");
  switch (value["kind"]) {
    case "hello":
      return withoutRejected(checkHello(value));
    case "requests":
      return checkRequests(value);
    case "ping":
      return withoutRejected(checkPing(value));
    default:
      return mismatch("kind", "must be hello, requests or ping");
  }
}

function withoutRejected(frame: Hello | Ping | Mismatch): CheckedClientFrame | Mismatch {
  return frame instanceof Mismatch ? frame : { frame, rejected: none };
}

function checkHello(value: PlainMap): Hello | Mismatch {
  const { protocol, clusterId, credential, client } = value;
  if (!isCount(protocol)) return mismatch("protocol", "must be a version number");
  if (!isText(client, nameLengthMax)) return mismatch("client", "must be a short text");
  const hello: Writable<Hello> = { kind: "hello", protocol, client };
  if (isGiven(clusterId)) {
    if (!isText(clusterId, nameLengthMax)) return mismatch("clusterId", "must be a short text");
    hello.clusterId = clusterId;
  }
  if (isGiven(credential)) {
    if (!isText(credential, credentialLengthMax)) {
      return mismatch("credential", "must be a short text");
    }
    hello.credential = credential;
  }
  return hello;
}

function checkPing(value: PlainMap): Ping | Mismatch {
  const { id } = value;
  return isCount(id) ? { kind: "ping", id } : mismatch("id", "must be a whole number");
}

function checkRequests(value: PlainMap): CheckedClientFrame | Mismatch {
  const { floor, requests: list } = value;
  if (!isList(list)) return mismatch("requests", "must be a list");
  if (list.length > requestsPerFrameMax) {
    return mismatch("requests", `must be at most ${requestsPerFrameMax}`);
  }
  if (isGiven(floor) && !isCount(floor)) return mismatch("floor", "must be a whole number");
  const requests: Request[] = [];
  const rejected: RejectedRequest[] = [];
  for (let at = 0; at < list.length; at += 1) {
    const candidate = list[at];
    if (!isMap(candidate)) return mismatch(`requests[${at}]`, "must be a map");
    const { id } = candidate;
    if (!isCount(id)) return mismatch(`requests[${at}].id`, "must be a whole number");
    const request = checkRequest(candidate, id);
    if (request instanceof Mismatch) rejected.push(rejection(id, request));
    else requests.push(request);
  }
  const frame: Writable<Requests> = { kind: "requests", requests };
  if (isGiven(floor)) frame.floor = floor;
  return { frame, rejected };
}

function rejection(id: number, { path, reason }: Mismatch): RejectedRequest {
  return { id, error: errorObject("invalid_argument", `${path} ${reason}`, { path }) };
}

function checkRequest(value: PlainMap, id: number): Request | Mismatch {
  const { partition, command, args, seq, requestId, revisionMin } = value;
  if (!isText(command, nameLengthMax)) return mismatch("command", "must be a short text");
  if (!isMap(args)) return mismatch("args", "must be a map");
  const wrong = plainMismatch(args, "args");
  if (wrong !== undefined) return wrong;
  const request: Writable<Request> = { id, command, args };
  if (isGiven(partition)) {
    if (!isText(partition, nameLengthMax)) return mismatch("partition", "must be a short text");
    request.partition = partition;
  }
  if (isGiven(seq)) {
    if (!isCount(seq) || seq === 0) return mismatch("seq", "must be a whole number from 1");
    request.seq = seq;
  }
  if (isGiven(requestId)) {
    if (!isText(requestId, nameLengthMax)) return mismatch("requestId", "must be a short text");
    request.requestId = requestId;
  }
  if (isGiven(revisionMin)) {
    if (!isCount(revisionMin)) return mismatch("revisionMin", "must be a whole number");
    request.revisionMin = revisionMin;
  }
  return request;
}

/** Some languages can't leave a field out: null is absent. */
function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}
