// typed-name.ts — what the operator wrote for an argument that the cluster found wrong: the cluster speaks
// of its own names, and who typed `--ttl` has never heard of `args.ttlMs`.

const typedNames: ReadonlyMap<string, string> = new Map([
  ["args.selector", "QUEUE"],
  ["args.jobId", "JOB"],
  ["args.jobIds", "JOB"],
  ["args.by", "--by"],
  ["args.reason", "--reason"],
  ["args.ttlMs", "--ttl"],
  ["args.until", "--until"],
  ["args.defaults.markTtlMs", "--mark-ttl"],
  ["args.prefix", "--prefix"],
  ["args.queue", "--queue"],
  ["args.jobIdPrefix", "--prefix"],
  ["args.tag", "--tag"],
  ["args.enqueuedBefore", "--enqueued-before"],
  ["args.rule", "--rule"],
  ["args.key", "KEY"],
  ["args.types", "--type"],
  ["to", "--to"],
  ["name", "NAME"],
  ["by", "--with"],
  ["peer", "--peer"],
  ["client", "--client"],
]);

/** `path` as an error has it: of a list, the one that is wrong is named by its place. */
export function typedName(path: string): string {
  const parts = /^(.+)\[(\d+)\]$/.exec(path);
  const limit = /^args\.limits\.(.+)$/.exec(path)?.[1];
  if (limit !== undefined) return `--limit ${limit}`;
  const typed = typedNames.get(parts?.[1] ?? path) ?? path;
  return parts === null ? typed : `${typed} ${Number(parts[2]) + 1}`;
}
