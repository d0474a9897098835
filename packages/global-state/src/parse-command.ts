// parse-command.ts — an untrusted name with arguments becomes a command, or says what is wrong.
import type { Read, Write } from "./command.ts";

export type ParsedCommand =
  | { readonly kind: "write"; readonly write: Write }
  | { readonly kind: "read"; readonly read: Read }
  | { readonly kind: "invalid"; readonly path: string; readonly reason: string }
  | { readonly kind: "unknown" };

export function parseCommand(_name: string, _partition: unknown, _args: unknown): ParsedCommand {
  throw new Error("not built yet");
}
