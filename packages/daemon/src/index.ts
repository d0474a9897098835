// index.ts — the door of @rogerd/daemon: a daemon inside another program (tests, the simulator).

export type { Daemon, DaemonParts, DaemonStatus } from "./daemon.ts";
export { DaemonFailedError, startDaemon } from "./daemon.ts";
export type { Failure } from "./failure.ts";
export type {
  Dial,
  DialListener,
  HttpRequest,
  HttpResponse,
  ListeningPort,
  Network,
  PortListener,
  Socket,
  SocketListener,
} from "./network.ts";
export { ListenError } from "./network.ts";
export { nodePlatform } from "./node-platform.ts";
export type { Log, LogFields, LogMessage } from "./observe/log.ts";
export { silentLog } from "./observe/log.ts";
export type { PeerFrame } from "./peers/peer-codec.ts";
// What travels between peers, for who watches a simulated cluster from outside.
export { decodePeerFrame } from "./peers/peer-codec.ts";
export type { Platform } from "./platform.ts";
export type { Endpoint, Founder, LogLevel, Settings } from "./settings/settings.ts";
export { defaultSettings } from "./settings/settings.ts";
export { decodeEntry } from "./state/command-codec.ts";
