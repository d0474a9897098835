// cluster-record.ts — with how many nodes and which ports the data in a folder was made. The addresses are
// part of the cluster's configuration: started with others, its nodes would wait for each other for ever.
import { numberAt, parseObject } from "../rogerctl/wire-value.ts";
import type { Surroundings } from "./surroundings.ts";

export interface ClusterForm {
  readonly nodes: number;
  readonly basePort: number;
}

const recordName = "cluster.json";

export type RecordedForm =
  /** Nothing was made here yet. */
  | { readonly kind: "none" }
  | { readonly kind: "same" }
  /** What is wrong, and what to do. */
  | { readonly kind: "other"; readonly sentence: string };

type Asked = ClusterForm & { readonly dataDir: string };

export async function readRecord(surroundings: Surroundings, asked: Asked): Promise<RecordedForm> {
  const { nodes, basePort, dataDir } = asked;
  const path = surroundings.joined(dataDir, recordName);
  const read = await surroundings.readText(path);
  if (read.kind === "missing") return { kind: "none" };
  const record = read.kind === "text" ? parseObject(read.text) : undefined;
  const made = record === undefined ? undefined : formOf(record);
  if (made === undefined) {
    const sentence = `${path} is not readable as a cluster's record; choose another --data-dir`;
    return { kind: "other", sentence };
  }
  if (made.nodes === nodes && made.basePort === basePort) return { kind: "same" };
  const sentence = `the data in ${dataDir} was made with --nodes ${made.nodes} --base-port ${made.basePort}; use these, or another --data-dir`;
  return { kind: "other", sentence };
}

/** A sentence: why it can't be written, and what to do. */
export async function writeRecord(
  surroundings: Surroundings,
  asked: Asked,
): Promise<string | undefined> {
  const { nodes, basePort, dataDir } = asked;
  const path = surroundings.joined(dataDir, recordName);
  const text = `${JSON.stringify({ nodes, basePort })}\n`;
  const reason = await surroundings.writeText(path, text);
  if (reason === undefined) return undefined;
  return `nothing can be written to --data-dir: ${reason}; name a folder that can be made, and that you may write`;
}

function formOf(record: Readonly<Record<string, unknown>>): ClusterForm | undefined {
  const nodes = numberAt(record, "nodes");
  const basePort = numberAt(record, "basePort");
  return nodes === undefined || basePort === undefined ? undefined : { nodes, basePort };
}
