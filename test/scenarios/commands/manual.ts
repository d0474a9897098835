// manual.ts — all commands of the language, by their first word.
import { clients } from "./clients.ts";
import type { Command } from "./command.ts";
import { messages } from "./messages.ts";
import { nodes } from "./nodes.ts";
import { preparing } from "./preparing.ts";
import { time } from "./time.ts";

const chapters: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  "before anything happens": preparing,
  time: time,
  "what is asked for": clients,
  messages: messages,
  nodes: nodes,
};

export const manual: ReadonlyMap<string, Command> = new Map(
  Object.values(chapters).flatMap((chapter) => Object.entries(chapter)),
);

export function manualText(): string {
  return Object.entries(chapters)
    .map(([title, chapter]) => {
      const lines = Object.values(chapter).map(({ does, usage }) => `  ${usage}\n      ${does}`);
      return [title, ...lines].join("\n");
    })
    .join("\n\n");
}
