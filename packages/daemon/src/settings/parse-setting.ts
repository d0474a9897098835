// parse-setting.ts — one value of a setting, written as text or as YAML has it, to what it means.
// Undefined: it is not written as it should be. Never reads a file and never resolves a name.
import type { Endpoint, Founder, LogLevel } from "./settings.ts";

const logLevels: readonly LogLevel[] = [
  "fatal",
  "error",
  "warn",
  "info",
  "debug",
  "trace",
  "silent",
];

export function parseName(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value)
    ? value
    : undefined;
}

export function parseText(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

export function parseSwitch(value: unknown): boolean | undefined {
  if (value === true || value === "true" || value === "1") return true;
  return value === false || value === "false" || value === "0" ? false : undefined;
}

export function parseLogLevel(value: unknown): LogLevel | undefined {
  return logLevels.find((level) => level === value);
}

/** `host:port` or `[::1]:port`; port 0 lets the system choose. */
export function parseListenAddress(value: unknown): Endpoint | undefined {
  const parts =
    typeof value === "string"
      ? /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(value)
      : null;
  if (parts === null) return undefined;
  const host = parts[1] ?? parts[2];
  const port = Number(parts[3]);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

/** One that others can be sent to: it names a port. */
export function parseAddress(value: unknown): Endpoint | undefined {
  const address = parseListenAddress(value);
  return address === undefined || address.port === 0 ? undefined : address;
}

/** `a,b`, a YAML list, or a flag that was given several times. */
export function parseList(value: unknown): readonly string[] | undefined {
  const pieces: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts: string[] = [];
  for (const piece of pieces) {
    if (typeof piece !== "string") return undefined;
    texts.push(...piece.split(",").map((text) => text.trim()));
  }
  return texts.length === 0 || texts.includes("") ? undefined : texts;
}

/** `n1=host:port,n2=host:port`, or in YAML a map of names to addresses. */
export function parseFounders(value: unknown): readonly Founder[] | undefined {
  const founders: Founder[] = [];
  const pairs = isMap(value)
    ? Object.entries(value)
    : parseList(value)?.map(
        (piece) => [piece.replace(/=.*$/, ""), piece.replace(/^[^=]*=?/, "")] as const,
      );
  for (const [given, where] of pairs ?? []) {
    const name = parseName(given);
    const address = parseAddress(where);
    if (name === undefined || address === undefined) return undefined;
    founders.push({ name, ...address });
  }
  return founders.length === 0 ? undefined : founders;
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseCount(value: unknown): number | undefined {
  const count = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

const unitBytes: ReadonlyMap<string, number> = new Map([
  ["KiB", 1024],
  ["MiB", 1024 ** 2],
  ["GiB", 1024 ** 3],
]);

/** `4096`, `64KiB`, `16MiB`, `1GiB`. */
export function parseBytes(value: unknown): number | undefined {
  const parts = typeof value === "string" ? /^(\d+) ?(KiB|MiB|GiB)$/.exec(value) : null;
  if (parts === null) return parseCount(value);
  return parseCount(Number(parts[1]) * (unitBytes.get(parts[2] ?? "") ?? Number.NaN));
}

/** As `host:port` is written again. */
export function addressText(address: Endpoint): string {
  return address.host.includes(":")
    ? `[${address.host}]:${address.port}`
    : `${address.host}:${address.port}`;
}
