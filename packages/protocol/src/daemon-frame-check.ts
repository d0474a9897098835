// daemon-frame-check.ts — is this decoded value a frame that a daemon may send?
// Builds the frame from the fields it has checked; fields it does not know are left out, so that a
// newer daemon may say more.
import { checkError, checkLeader, checkMembers } from "./error-check.ts";
import { checkEvents, checkWatchEnded } from "./event-check.ts";
import type {
  Answer,
  Answers,
  DaemonFrame,
  FrameError,
  Goodbye,
  LeaderChanged,
  Pong,
  Welcome,
} from "./frame.ts";
import { nameLengthMax, requestsPerFrameMax } from "./limits.ts";
import {
  isCount,
  isList,
  isMap,
  isText,
  Mismatch,
  mismatch,
  type PlainMap,
} from "./plain-value.ts";
import { checkPushes } from "./push-check.ts";
import { checkResult } from "./result-check.ts";

export function checkDaemonFrame(value: unknown): DaemonFrame | Mismatch {
  if (!isMap(value)) return mismatch("frame", "must be a map");
  switch (value["kind"]) {
    case "answers":
      return checkAnswers(value);
    case "welcome":
      return checkWelcome(value);
    case "leader":
      return checkLeaderChanged(value);
    case "goodbye":
      return checkGoodbye(value);
    case "error":
      return checkFrameError(value);
    case "pong":
      return checkPong(value);
    case "pushes":
      return checkPushes(value);
    case "events":
      return checkEvents(value);
    case "watchEnded":
      return checkWatchEnded(value);
    default:
      return mismatch("kind", "is not that of a frame that a daemon sends");
  }
}

function checkWelcome(value: PlainMap): Welcome | Mismatch {
  const { protocol, clusterId, node, leader: hint, limits } = value;
  if (!isCount(protocol)) return mismatch("protocol", "must be a version number");
  if (!isText(clusterId, nameLengthMax)) return mismatch("clusterId", "must be a short text");
  if (!isText(node, nameLengthMax)) return mismatch("node", "must be a short text");
  const leader = checkLeader(hint);
  if (leader instanceof Mismatch) return leader;
  const members = checkMembers(value["members"]);
  if (members instanceof Mismatch) return members;
  if (!isMap(limits)) return mismatch("limits", "must be a map");
  const { frameBytesMax, callsInFlightMax } = limits;
  if (!isCount(frameBytesMax)) return mismatch("limits.frameBytesMax", "must be a whole number");
  if (!isCount(callsInFlightMax)) {
    return mismatch("limits.callsInFlightMax", "must be a whole number");
  }
  const checkedLimits = { frameBytesMax, callsInFlightMax };
  return { kind: "welcome", protocol, clusterId, node, leader, ...members, limits: checkedLimits };
}

function checkAnswers(value: PlainMap): Answers | Mismatch {
  const list = value["answers"];
  if (!isList(list)) return mismatch("answers", "must be a list");
  if (list.length > requestsPerFrameMax) {
    return mismatch("answers", `must be at most ${requestsPerFrameMax}`);
  }
  const answers: Answer[] = [];
  for (let at = 0; at < list.length; at += 1) {
    const answer = checkAnswer(list[at]);
    if (answer instanceof Mismatch) return answer.within(`answers[${at}]`);
    answers.push(answer);
  }
  return { kind: "answers", answers };
}

function checkAnswer(value: unknown): Answer | Mismatch {
  if (!isMap(value)) return mismatch("answer", "must be a map");
  const { id, error, revision, n } = value;
  if (!isCount(id)) return mismatch("id", "must be a whole number");
  if (error !== undefined && error !== null) {
    const checked = checkError(error);
    return checked instanceof Mismatch ? checked : { id, error: checked };
  }
  if (!isCount(revision)) return mismatch("revision", "must be a whole number");
  if (!isCount(n)) return mismatch("n", "must be a whole number");
  const result = checkResult(value["result"]);
  return result instanceof Mismatch ? result : { id, revision, n, result };
}

function checkLeaderChanged(value: PlainMap): LeaderChanged | Mismatch {
  const leader = checkLeader(value["leader"]);
  if (leader instanceof Mismatch) return leader;
  const members = checkMembers(value["members"]);
  return members instanceof Mismatch ? members : { kind: "leader", leader, ...members };
}

function checkGoodbye(value: PlainMap): Goodbye | Mismatch {
  const { reason } = value;
  if (!isText(reason, nameLengthMax)) return mismatch("reason", "must be a short text");
  return { kind: "goodbye", reason };
}

function checkFrameError(value: PlainMap): FrameError | Mismatch {
  const error = checkError(value["error"]);
  return error instanceof Mismatch ? error : { kind: "error", error };
}

function checkPong(value: PlainMap): Pong | Mismatch {
  const { id } = value;
  return isCount(id) ? { kind: "pong", id } : mismatch("id", "must be a whole number");
}
