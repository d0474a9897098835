// replays.ts — frames that come twice: once a connection between two nodes is made anew, the network brings some of
// the last frames of the one before it again, at once or a little later, whether they had arrived or not (V12). Of
// the same run of who sent them, and to the same node, be it in a later run. Its greeting opens a connection and is
// not repeated: who is at the other end is for each to say himself.
import type { Dice } from "./dice.ts";
import type { VirtualProcess, VirtualTime } from "./virtual-time.ts";

/** So many of the last frames of a connection are remembered. */
const framesRemembered = 4;
const lateMs = 60;

interface Remembered {
  readonly to: VirtualProcess;
  readonly frames: Uint8Array[];
}

/** Sees each frame that leaves on one connection, and where it goes. */
export type Memory = (frame: Uint8Array | string, to: VirtualProcess) => void;

export class Replays {
  readonly #time: VirtualTime;
  readonly #dice: Dice;
  readonly #connections = new Map<string, Remembered>();
  /** Frames that were brought again. */
  done = 0;
  /** Whether the second is the node that the first was. */
  isSameNode: (one: VirtualProcess, other: VirtualProcess) => boolean = (one, other) =>
    one === other;

  constructor(parts: { readonly time: VirtualTime; readonly dice: Dice }) {
    this.#time = parts.time;
    this.#dice = parts.dice;
  }

  /** A connection is made; `bring` puts a frame into it once more, if it is still there. */
  of(
    connection: { readonly from: VirtualProcess; readonly address: string },
    bring: (frames: readonly Uint8Array[]) => void,
  ): Memory {
    const name = `${connection.from.pid} ${connection.address}`;
    let own: Remembered | undefined;
    return (frame, to) => {
      if (typeof frame === "string") return;
      if (own === undefined) {
        const before = this.#connections.get(name);
        if (before !== undefined) this.#replay(before, to, bring);
        own = { to, frames: [] };
        this.#connections.set(name, own);
        return;
      }
      own.frames.push(frame);
      if (own.frames.length > framesRemembered) own.frames.shift();
    };
  }

  #replay(
    { frames, to: last }: Remembered,
    to: VirtualProcess,
    bring: (frames: readonly Uint8Array[]) => void,
  ): void {
    const dice = this.#dice;
    if (frames.length === 0 || !this.isSameNode(last, to) || !dice.chance(0.4)) return;
    const again = frames.slice(dice.below(frames.length));
    this.done += again.length;
    // Behind the greeting in any case.
    const afterMs = dice.chance(0.5) ? 0 : dice.around(lateMs);
    this.#time.schedule({ afterMs, run: () => bring(again) });
  }
}
