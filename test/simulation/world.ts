// world.ts — what all machines and clients of one simulation share: its time, its network, its trace and its dice.
import type { Dice } from "./dice.ts";
import type { Trace } from "./trace.ts";
import type { LinkTimes } from "./virtual-links.ts";
import { VirtualNetwork } from "./virtual-network.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface World {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly network: VirtualNetwork;
  readonly dice: Dice;
  nextPid(): number;
}

/** `times`: of its links. */
export function worldOf(
  dice: Dice,
  { times, trace }: { readonly trace: Trace; readonly times: LinkTimes },
): World {
  const time = new VirtualTime(trace);
  const network = new VirtualNetwork({ time, trace, dice: dice.fork("network"), times });
  let pids = 0;
  return {
    ...{ time, trace, network },
    dice: dice.fork("machines"),
    nextPid: () => {
      pids += 1;
      return pids;
    },
  };
}
