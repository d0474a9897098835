// import-codec.ts — the arguments of an import's commands ↔ values of a log entry. The rows inside are
// bytes of the state's own making: what they mean is decided when they are applied.
import { type GroupWrite, type ImportedTable, logTimeMs } from "@rogerd/global-state";
import { type FlatReader, type FlatValue, MalformedError } from "../flat-codec.ts";

export type ImportWrite = Extract<GroupWrite, { name: `admin.import${string}` }>;

export const importNumbers: {
  readonly "admin.importBegin": 60;
  readonly "admin.importRows": 61;
  readonly "admin.importEnd": 62;
} = { "admin.importBegin": 60, "admin.importRows": 61, "admin.importEnd": 62 };

/** Numbers in the log; never used again for another table. */
const tableNumbers = {
  partitions: 1,
  cancelMarks: 2,
  queueKeys: 3,
  executionKeys: 4,
  pauses: 5,
  cancelRules: 6,
  limitRules: 7,
  delayedKeys: 8,
  finishedJobs: 9,
} as const satisfies Record<ImportedTable, number>;

export const importTables: readonly ImportedTable[] = [
  "partitions",
  "cancelMarks",
  "queueKeys",
  "executionKeys",
  "pauses",
  "cancelRules",
  "limitRules",
  "delayedKeys",
  "finishedJobs",
];

/** A state hash and the form of the steps; a name, so that a snapshot can hold it. */
export const importId: RegExp = /^[0-9a-f]{64}-[0-9]{1,3}$/;

export function isOfImport(write: GroupWrite): write is ImportWrite {
  return write.name in importNumbers;
}

export function pushOfImport(values: FlatValue[], write: ImportWrite): void {
  values.push(write.args.id);
  switch (write.name) {
    case "admin.importBegin": {
      const { logTime, counters } = write.args;
      values.push(logTime, counters.session, counters.partition, counters.token);
      return;
    }
    case "admin.importRows": {
      const { step, table, version, bytes } = write.args;
      values.push(step, tableNumbers[table], version, bytes);
      return;
    }
    case "admin.importEnd":
      values.push(write.args.steps, write.args.rows);
  }
}

/** Undefined: it is another command. */
export function readOfImport(reader: FlatReader, number: number): ImportWrite | undefined {
  switch (number) {
    case importNumbers["admin.importBegin"]:
      return { name: "admin.importBegin", args: readBegin(reader) };
    case importNumbers["admin.importRows"]:
      return { name: "admin.importRows", args: readRows(reader) };
    case importNumbers["admin.importEnd"]:
      return {
        name: "admin.importEnd",
        args: { id: readId(reader), steps: reader.count("steps"), rows: reader.count("rows") },
      };
    default:
      return undefined;
  }
}

type Args<Name extends ImportWrite["name"]> = Extract<ImportWrite, { name: Name }>["args"];

function readBegin(reader: FlatReader): Args<"admin.importBegin"> {
  return {
    id: readId(reader),
    logTime: logTimeMs(reader.count("log time of the backup")),
    counters: {
      session: reader.count("session counter"),
      partition: reader.count("partition counter"),
      token: reader.count("token counter"),
    },
  };
}

function readRows(reader: FlatReader): Args<"admin.importRows"> {
  return {
    id: readId(reader),
    step: reader.count("step"),
    table: readTable(reader),
    version: reader.count("version"),
    bytes: new Uint8Array(reader.bytes("rows")),
  };
}

function readTable(reader: FlatReader): ImportedTable {
  const number = reader.count("table");
  const table = importTables.find((each) => tableNumbers[each] === number);
  if (table === undefined) throw new MalformedError(`table ${number} is not known`);
  return table;
}

function readId(reader: FlatReader): string {
  return reader.matching("id", importId);
}
