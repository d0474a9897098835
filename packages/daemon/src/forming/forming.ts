// forming.ts — a founder meets the others: links to each name on its list, arrivals from them, and
// after each meeting the question what may be done now (founding.ts). Ends once, with the answer;
// what the answer asks for is done by others, after nothing here speaks any more.
import type { Member, NodeId } from "@rogerd/raft";
import type { Log } from "../observe/log.ts";
import { objectionTo, type Verdict, welcome } from "../peers/handshake.ts";
import type { ArrivalListener, PeerReception, WelcomePeer } from "../peers/peer-arrival.ts";
import { type PeerHello, type PeerRefusal, peerPath } from "../peers/peer-hello.ts";
import type { PeerLimits } from "../peers/peer-limits.ts";
import { PeerLink } from "../peers/peer-link.ts";
import type { PeerPort } from "../peers/peer-port.ts";
import { RefusalLog } from "../peers/refusal-log.ts";
import type { Platform } from "../platform.ts";
import type { Founder } from "../settings/settings.ts";
import { decideFounding, type FoundingStep, firstFounder } from "./founding.ts";

export type Formed = Exclude<FoundingStep, { kind: "wait" }>;

export interface FormingParts {
  readonly platform: Pick<
    Platform,
    "setTimer" | "drawSeed" | "network" | "monotonicNow" | "isSameSecret"
  >;
  readonly log: Log;
  readonly limits: PeerLimits;
  readonly port: Pick<PeerPort, "receive">;
  readonly self: Member;
  readonly founders: readonly Founder[];
  readonly secret: string | undefined;
  readonly ownHello: () => PeerHello;
}

export class Forming implements PeerReception {
  readonly #parts: FormingParts;
  readonly #refusals: RefusalLog;
  readonly #links: PeerLink[] = [];
  /** Who is connected with us now, by the link that holds the connection. Who belongs to a cluster
   *  says so and hangs up: that stays true, and stays here, until the link hears otherwise. */
  readonly #live = new Map<Founder, PeerHello>();
  #ended: (formed: Formed | undefined) => void = () => undefined;
  #missing = "";
  #isEnded = false;
  /** Undefined: stopped before there was an answer. */
  readonly formed: Promise<Formed | undefined>;

  constructor(parts: FormingParts) {
    this.#parts = parts;
    this.#refusals = new RefusalLog(parts.log);
    this.formed = new Promise((resolve) => {
      this.#ended = resolve;
    });
    parts.port.receive(this);
    for (const founder of parts.founders) {
      if (founder.name !== parts.self.name) this.#links.push(this.#makeLink(founder));
    }
    this.#look([]);
  }

  stop(): void {
    this.#end(undefined);
  }

  // PeerReception: founders, and those who already have a cluster, come to us too.

  ownHello(): PeerHello {
    return this.#parts.ownHello();
  }

  judge(hello: PeerHello): Verdict {
    const objection = this.#objectionTo(hello);
    if (objection !== undefined) return { kind: "refuse", refusal: objection };
    if (hello.clusterId === undefined) return welcome;
    this.#look([hello]);
    return forming;
  }

  /** Looked at after it was told of us: where the lists differ, both sides must see it. */
  arrived(arrival: WelcomePeer): ArrivalListener {
    this.#look([arrival.hello]);
    // What it says, it has said: only our own links tell who is here now.
    return { frame: () => undefined, closed: () => undefined };
  }

  refused(refused: { readonly peer: string; readonly refusal: PeerRefusal }): void {
    this.#refusals.refused({ ...refused, message: "peer refused" });
  }

  #makeLink(founder: Founder): PeerLink {
    const { platform, limits, ownHello } = this.#parts;
    return new PeerLink({
      platform,
      limits,
      addresses: () => [`ws://${bracketed(founder.host)}:${founder.port}${peerPath}`],
      ownHello,
      judge: (hello) => this.#judgeAnswer(founder, hello),
      listener: {
        opened: (hello) => {
          this.#parts.log.info({ founder: hello.name, id: hello.nodeId }, "founder met");
          this.#live.set(founder, hello);
          this.#look([]);
        },
        closed: () => {
          if (this.#live.get(founder)?.clusterId === undefined) this.#live.delete(founder);
          this.#look([]);
        },
        refused: ({ url, refusal, by }) => {
          const message = by === "us" ? "peer refused" : "refused by peer";
          this.#refusals.refused({ peer: `${founder.name} ${url}`, message, refusal });
        },
      },
    });
  }

  #judgeAnswer(founder: Founder, hello: PeerHello): Verdict {
    const objection = this.#objectionTo(hello);
    if (objection !== undefined) return { kind: "refuse", refusal: objection };
    if (hello.name !== founder.name) {
      this.#end({ kind: "fail", sentence: wrongName(founder, hello) });
      return forming;
    }
    return welcome;
  }

  #objectionTo(hello: PeerHello): PeerRefusal | undefined {
    const { self, secret, platform } = this.#parts;
    return objectionTo(hello, {
      nodeId: self.id,
      clusterId: undefined,
      secret,
      isSameSecret: platform.isSameSecret,
      newestIncarnation: (_nodeId: NodeId) => undefined,
      isRemoved: (_nodeId: NodeId) => false,
    });
  }

  /** `passing` came by but is no connection that is held. */
  #look(passing: readonly PeerHello[]): void {
    if (this.#isEnded) return;
    const { self, founders } = this.#parts;
    const held = [...this.#live.values()];
    const news = decideFounding({ self, founders, met: held });
    if (news.kind !== "wait") return this.#end(news);
    for (const hello of passing) {
      const told = decideFounding({ self, founders, met: [hello] });
      // One that only came by can bring a cluster or a fault, never complete a founding.
      if (told.kind === "bind" || told.kind === "fail") return this.#end(told);
    }
    this.#sayMissing(news.missing);
  }

  #sayMissing(missing: readonly string[]): void {
    const { self, founders, log } = this.#parts;
    const names = missing.join(", ");
    if (names === this.#missing) return;
    this.#missing = names;
    log.info({ missing: names, first: firstFounder({ self, founders }) }, "waiting for founders");
  }

  #end(formed: Formed | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#parts.port.receive(undefined);
    for (const link of this.#links) link.stop();
    this.#ended(formed);
  }
}

const forming: Verdict = {
  kind: "refuse",
  refusal: { code: "not-ready", sentence: "it is forming a cluster: try again" },
};

function wrongName(founder: Founder, hello: PeerHello): string {
  return (
    `--founders says that ${founder.name} is at ${founder.host}:${founder.port}, but ${hello.name} answers there: ` +
    "correct the list or the --name of that node."
  );
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
