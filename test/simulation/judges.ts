// judges.ts — all who look on and judge, put together: each sees what it may believe (messages, disks, what
// daemons say, what clients saw), and all tell the same findings.
import { ClientChecks } from "./client-checks.ts";
import { DiskChecks } from "./disk-checks.ts";
import type { Fleet } from "./fleet.ts";
import { HoldChecks } from "./hold-checks.ts";
import { LeaseChecks } from "./lease-checks.ts";
import { Ledger } from "./ledger.ts";
import { LogFold } from "./log-fold.ts";
import type { RunOptions } from "./options.ts";
import { ShownReads } from "./shown-reads.ts";
import { StateChecks } from "./state-checks.ts";
import { ToldAnswers } from "./told-answers.ts";
import { ToldChecks } from "./told-checks.ts";
import { TrafficChecks } from "./traffic-checks.ts";
import type { Findings } from "./violation.ts";
import { ledgerView, Wiretap } from "./wiretap.ts";
import type { World } from "./world.ts";

/** No history here needs as many. */
const standingsMax = 20_000;

export interface JudgesParts {
  readonly world: World;
  readonly options: RunOptions;
  readonly fleet: Fleet;
  readonly findings: Findings;
  readonly isFounded: () => boolean;
}

export class Judges {
  readonly states: StateChecks;
  readonly calls: ClientChecks;
  readonly leases: LeaseChecks;
  readonly ledger: Ledger;
  readonly disks: DiskChecks;
  readonly wiretap: Wiretap;
  readonly fold: LogFold;
  readonly holds: HoldChecks;
  readonly told: ToldChecks;
  readonly answers: ToldAnswers;
  readonly #findings: Findings;
  readonly #world: World;

  constructor(parts: JudgesParts) {
    const { findings, fleet, options, world } = parts;
    const { time, trace } = world;
    const reads = new ShownReads();
    this.#findings = findings;
    this.#world = parts.world;
    this.states = new StateChecks({ trace, findings, isFounded: parts.isFounded });
    this.calls = new ClientChecks({ trace, findings, reads, standingsMax });
    const view = ledgerView({ fleet, trace, time, disks: () => this.disks });
    const ledger = new Ledger({ view, findings });
    this.ledger = ledger;
    this.disks = new DiskChecks({ ledger, findings });
    const { clockDrift } = options;
    this.leases = new LeaseChecks({ findings, now: () => time.now, clockDrift });
    this.holds = new HoldChecks({ trace, findings, now: () => time.now });
    this.told = new ToldChecks({ findings });
    this.answers = new ToldAnswers({ findings });
    this.fold = new LogFold({
      ledger,
      states: this.states,
      reads,
      answers: this.answers,
      findings,
      clockDrift,
      happened: (events, through) => this.told.judge(events, through),
      ends: (state) => this.holds.judgeLeft(state),
    });
    const traffic = new TrafficChecks({
      findings,
      heartbeatMs: options.daemon.raft.heartbeatMs,
      now: () => time.now,
      entries: () => ledger.entryCount,
      nameOf: (id) => fleet.nameOf(id),
    });
    const { answers, disks, leases } = this;
    this.wiretap = new Wiretap({ fleet, ledger, disks, traffic, leases, answers });
  }

  /** What only a whole run shows. */
  judgeAll(): void {
    if (this.#findings.first === undefined) this.calls.judgeHistories();
    if (this.#findings.first === undefined) this.fold.judge();
  }

  get counts(): Readonly<Record<string, number>> {
    return {
      terms: this.ledger.termCount,
      committed: this.ledger.committedCount,
      configurations: this.ledger.configurationCount,
      "peer frames": this.wiretap.frames,
      "frames come again": this.#world.network.replays.done,
      "disk checks": this.disks.done,
      "hashes compared": this.states.compared,
      "entries folded": this.fold.folded,
      "answers folded": this.answers.judged,
      "granted in turn": this.fold.grantsInTurn,
      "begun beside marks": this.fold.begunBesideMarks,
      "keepalives confirmed": this.leases.kept,
      "sessions expired": this.leases.expired,
      "hashes folded": this.fold.compared,
      "keys and runs had": this.holds.held,
      "keys and runs lost": this.holds.lost,
      "runs stopped": this.holds.stopped,
      "events told": this.told.told,
      "watches told compacted": this.told.compacted,
    };
  }
}
