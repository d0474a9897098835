// command.ts — what a command of a story is: how it is written, what it does, and how its words become an
// act. The manual that `npm run scenario -- --words` prints is made from these.
import type { Stage } from "../stage.ts";
import type { Words } from "../words.ts";

export type Act = (stage: Stage) => void;

export interface Command {
  readonly usage: string;
  readonly does: string;
  /** Takes its words; what is left over is an error. */
  readonly read: (words: Words) => Act;
}
