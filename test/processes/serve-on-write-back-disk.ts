// serve-on-write-back-disk.ts — a real daemon process on a disk that drops what was not synced when the
// process is killed (write-back-disk.ts). Takes the flags of `rogerd serve` that founders need.
import { parseArgs } from "node:util";
import {
  defaultSettings,
  type Founder,
  nodePlatform,
  silentLog,
  startDaemon,
} from "@rogerd/daemon";
import { WriteBackDisk } from "./write-back-disk.ts";

const { values } = parseArgs({
  allowPositionals: true, // `serve`
  options: {
    name: { type: "string", default: "n1" },
    "data-dir": { type: "string", default: "" },
    "listen-client": { type: "string", default: "" },
    "listen-peer": { type: "string", default: "" },
    "advertise-peer": { type: "string", default: "" },
    founders: { type: "string", default: "" },
    insecure: { type: "boolean", default: false },
    "snapshot-every-entries": { type: "string" },
    "trailing-entries": { type: "string" },
  },
});

function endpoint(text: string): { readonly host: string; readonly port: number } {
  const [host = "", port = ""] = text.split(":");
  return { host, port: Number(port) };
}

function founder(text: string): Founder {
  const [name = "", address = ""] = text.split("=");
  return { name, ...endpoint(address) };
}

const { raft } = defaultSettings;
const platform = nodePlatform();
const syncs = process.env["TEST_DISK"] === "never-syncs" ? "first-only" : "all";
const onFailed = (failure: { readonly exitCode: number; readonly sentence: string }): void => {
  console.error(failure.sentence);
  process.exit(failure.exitCode);
};
const daemon = await startDaemon({
  settings: {
    ...defaultSettings,
    name: values.name,
    dataDir: values["data-dir"],
    listenClient: endpoint(values["listen-client"]),
    listenPeer: endpoint(values["listen-peer"]),
    founders: values.founders === "" ? [] : values.founders.split(",").map(founder),
    insecure: values.insecure,
    raft: {
      ...raft,
      snapshotEveryEntries: Number(values["snapshot-every-entries"] ?? raft.snapshotEveryEntries),
      trailingEntries: Number(values["trailing-entries"] ?? raft.trailingEntries),
    },
    walSegmentBytes: 1024 * 1024,
  },
  platform: { ...platform, disk: new WriteBackDisk({ disk: platform.disk, syncs }) },
  log: silentLog,
  onFailed,
});
process.once("SIGTERM", () => {
  daemon.stop().then(() => process.exit(0), onFailed);
});
