// cluster-record.ts — with how many nodes and which ports the data in a folder was made. The addresses are
// part of the cluster's configuration: started with others, its nodes would wait for each other for ever.
import { numberAt, parseObject } from "../rogerctl/wire-value.ts";
import type { Surroundings } from "./surroundings.ts";

export interface ClusterForm {
  readonly nodes: number;
  readonly basePort: number;
}

const recordName = "cluster.json";

/** Undefined: this is its form, now or since before. Otherwise what is wrong and what to do. */
export async function checkRecord(
  surroundings: Surroundings,
  asked: ClusterForm & { readonly dataDir: string },
): Promise<string | undefined> {
  const { nodes, basePort, dataDir } = asked;
  const path = surroundings.joined(dataDir, recordName);
  const read = await surroundings.readText(path);
  if (read.kind === "missing") {
    await surroundings.writeText(path, `${JSON.stringify({ nodes, basePort })}\n`);
    return undefined;
  }
  const record = read.kind === "text" ? parseObject(read.text) : undefined;
  const made = record === undefined ? undefined : formOf(record);
  if (made === undefined)
    return `${path} is not readable as a cluster's record; choose another --data-dir`;
  if (made.nodes === nodes && made.basePort === basePort) return undefined;
  return `the data in ${dataDir} was made with --nodes ${made.nodes} --base-port ${made.basePort}; use these, or another --data-dir`;
}

function formOf(record: Readonly<Record<string, unknown>>): ClusterForm | undefined {
  const nodes = numberAt(record, "nodes");
  const basePort = numberAt(record, "basePort");
  return nodes === undefined || basePort === undefined ? undefined : { nodes, basePort };
}
