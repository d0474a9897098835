// default-texts.ts — defaults of settings as a help page shows them. The values are settings.ts'.
import { addressText } from "../settings/parse-setting.ts";
import type { SettingName } from "../settings/setting-forms.ts";
import { defaultSettings } from "../settings/settings.ts";

const { raft, ...others } = defaultSettings;

const texts: Partial<Record<SettingName, string>> = {
  name: others.name,
  "data-dir": others.dataDir,
  "log-level": others.logLevel,
  "listen-client": addressText(others.listenClient),
  "listen-peer": addressText(others.listenPeer),
  "snapshot-every-bytes": bytesText(raft.snapshotEveryBytes),
  "snapshot-every-entries": String(raft.snapshotEveryEntries),
  "trailing-entries": String(raft.trailingEntries),
  "state-hash-every-entries": String(others.stateHashEveryEntries),
  "wal-segment-bytes": bytesText(others.walSegmentBytes),
  "disk-reserve-bytes": bytesText(others.diskReserveBytes),
  "heartbeat-ms": String(raft.heartbeatMs),
  "election-timeout-ms": String(raft.electionTimeoutMs),
  "disk-stall-timeout-ms": String(raft.diskStallTimeoutMs),
};

export function shownDefault(name: SettingName): string | undefined {
  return texts[name];
}

function bytesText(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return Number.isInteger(mebibytes) ? `${mebibytes}MiB` : String(bytes);
}
