// settings-schema.ts — what each setting must look like, and the sentence for when it does not. One strict
// zod object: what it does not name is an error, and all errors are found in one pass.
// Imported only when there is something to check: zod takes its time to load.
import { z } from "zod";
import {
  addressText,
  parseAddress,
  parseBytes,
  parseCount,
  parseFounders,
  parseList,
  parseListenAddress,
  parseLogLevel,
  parseName,
  parseSwitch,
  parseText,
} from "./parse-setting.ts";
import { type SettingName, settingNames } from "./setting-forms.ts";
import type { Endpoint, Founder, LogLevel } from "./settings.ts";

/** Settings as given, each of the right form; whether they fit together is for load-settings.ts. */
export interface GivenSettings {
  readonly name?: string | undefined;
  readonly "data-dir"?: string | undefined;
  readonly "log-level"?: LogLevel | undefined;
  readonly "listen-client"?: Endpoint | undefined;
  readonly "advertise-client"?: string | undefined;
  readonly "listen-peer"?: Endpoint | undefined;
  readonly "advertise-peer"?: string | undefined;
  readonly founders?: readonly Founder[] | undefined;
  readonly join?: Endpoint | undefined;
  readonly "join-secret"?: string | undefined;
  readonly "join-secret-file"?: string | undefined;
  readonly credential?: string | undefined;
  readonly "credential-file"?: string | undefined;
  readonly "peer-secret"?: string | undefined;
  readonly "peer-secret-file"?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly "allow-origin"?: readonly string[] | undefined;
  readonly "allow-host"?: readonly string[] | undefined;
  readonly persister?: string | undefined;
  readonly "snapshot-every-bytes"?: number | undefined;
  readonly "snapshot-every-entries"?: number | undefined;
  readonly "trailing-entries"?: number | undefined;
  readonly "state-hash-every-entries"?: number | undefined;
  readonly "wal-segment-bytes"?: number | undefined;
  readonly "disk-reserve-bytes"?: number | undefined;
  readonly "heartbeat-ms"?: number | undefined;
  readonly "election-timeout-ms"?: number | undefined;
  readonly "disk-stall-timeout-ms"?: number | undefined;
}

export interface SettingProblem {
  readonly path: string;
  readonly sentence: string;
}

export interface CheckedSettings {
  /** What is right, whatever else is wrong. */
  readonly given: GivenSettings;
  readonly problems: readonly SettingProblem[];
}

export function checkSettings(raw: Readonly<Record<string, unknown>>): CheckedSettings {
  const checked = schema.safeParse(raw);
  if (checked.success) return { given: checked.data, problems: [] };
  const problems = checked.error.issues.flatMap(problemsOf);
  const wrong = new Set(problems.map(({ path }) => path));
  const right = Object.entries(raw).filter(([name]) => !wrong.has(name));
  return { given: schema.parse(Object.fromEntries(right)), problems };
}

function problemsOf(issue: z.core.$ZodIssue): readonly SettingProblem[] {
  if (issue.code !== "unrecognized_keys")
    return [{ path: issue.path.join("."), sentence: issue.message }];
  return issue.keys.map((key) => {
    const meant = settingNames.find((name) => letters(name) === letters(key));
    return {
      path: key,
      sentence: `is no setting${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    };
  });
}

const letters = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** The type is zod's own affair; what leaves is GivenSettings. */
function setting<Value>(wanted: string, parse: (value: unknown) => Value | undefined) {
  return z
    .unknown()
    .transform((value, context) => {
      const parsed = parse(value);
      if (parsed !== undefined) return parsed;
      context.addIssue(`must be ${wanted}, not ${JSON.stringify(value) ?? "nothing"}`);
      return z.NEVER;
    })
    .optional();
}

function count(bounds: { readonly atLeast: number; readonly atMost: number }) {
  const wanted = `a whole number from ${bounds.atLeast} to ${bounds.atMost}`;
  return setting(wanted, (value) => within(bounds, parseCount(value)));
}

function bytes(bounds: { readonly atLeast: number; readonly multipleOf: number }) {
  const multiple = bounds.multipleOf === 1 ? "" : ` and a multiple of ${bounds.multipleOf}`;
  const wanted = `a number of bytes, as 1048576 or 16MiB, at least ${bounds.atLeast}${multiple}`;
  return setting(wanted, (value) => {
    const parsed = within({ ...bounds, atMost: Number.MAX_SAFE_INTEGER }, parseBytes(value));
    return parsed === undefined || parsed % bounds.multipleOf !== 0 ? undefined : parsed;
  });
}

function within(
  bounds: { readonly atLeast: number; readonly atMost: number },
  value: number | undefined,
): number | undefined {
  return value !== undefined && value >= bounds.atLeast && value <= bounds.atMost
    ? value
    : undefined;
}

const listenAddress = () =>
  setting("host:port, as 127.0.0.1:7401 or [::1]:7401", parseListenAddress);
const advertised = () =>
  setting("host:port, as 10.0.0.5:7401, with a port other than 0", (value) => {
    const address = parseAddress(value);
    return address === undefined ? undefined : addressText(address);
  });
const text = (wanted: string) => setting(wanted, parseText);
const list = (wanted: string) => setting(wanted, parseList);

const entriesMax = 1_000_000_000;

const schema = z.strictObject({
  name: setting("a name of letters, digits, dots, dashes and underscores, at most 63", parseName),
  "data-dir": text("a folder"),
  "log-level": setting("fatal, error, warn, info, debug, trace or silent", parseLogLevel),
  "listen-client": listenAddress(),
  "advertise-client": advertised(),
  "listen-peer": listenAddress(),
  "advertise-peer": advertised(),
  founders: setting("n1=host:port,n2=host:port, or a map of names to host:port", parseFounders),
  join: setting("host:port, as 10.0.0.5:7501, with a port other than 0", parseAddress),
  "join-secret": text("a text"),
  "join-secret-file": text("a file"),
  credential: text("a text"),
  "credential-file": text("a file"),
  "peer-secret": text("a text"),
  "peer-secret-file": text("a file"),
  insecure: setting("true or false", parseSwitch),
  "allow-origin": list("origins with commas between, as https://console.example.org"),
  "allow-host": list("host names with commas between"),
  persister: text("a module"),
  "snapshot-every-bytes": bytes({ atLeast: 4096, multipleOf: 1 }),
  "snapshot-every-entries": count({ atLeast: 1, atMost: entriesMax }),
  "trailing-entries": count({ atLeast: 0, atMost: entriesMax }),
  "state-hash-every-entries": count({ atLeast: 0, atMost: entriesMax }),
  "wal-segment-bytes": bytes({ atLeast: 16 * 4096, multipleOf: 4096 }),
  "disk-reserve-bytes": bytes({ atLeast: 0, multipleOf: 1 }),
  "heartbeat-ms": count({ atLeast: 1, atMost: 60_000 }),
  "election-timeout-ms": count({ atLeast: 10, atMost: 600_000 }),
  "disk-stall-timeout-ms": count({ atLeast: 100, atMost: 600_000 }),
} satisfies Record<SettingName, z.ZodType>);
