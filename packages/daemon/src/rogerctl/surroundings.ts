// surroundings.ts — the slice of the world that rogerctl needs: streams, time, dice, HTTP.
// node-surroundings.ts is the real one. Nothing here decides anything.
import type { ChangesParts, OpenedChanges } from "./changes.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly timeoutMs: number;
}

export type HttpOutcome =
  | {
      readonly kind: "response";
      readonly status: number;
      readonly location: string | undefined;
      readonly body: string;
    }
  /** No connection came about: nobody can have acted on it. */
  | { readonly kind: "not-sent"; readonly reason: string }
  /** It was on its way when the connection broke or the time was over: somebody may have acted on it. */
  | { readonly kind: "broken"; readonly reason: string };

export type Emphasis = "good" | "bad" | "weak" | "strong";

export interface Surroundings {
  /** What was asked for. */
  readonly out: (text: string) => void;
  /** Until what was given to `out` has been taken, or is to be waited for no more. */
  readonly outTaken: (signal: AbortSignal) => Promise<void>;
  /** Messages and progress. One call is one line. */
  readonly say: (line: string) => void;
  /** Colours, where the output is a terminal that wants them; otherwise the text as it is. */
  readonly emphasize: (text: string, emphasis: Emphasis) => string;
  readonly monotonicNow: () => number;
  /** Milliseconds since 1970. */
  readonly wallNow: () => number;
  readonly sleep: (durationMs: number) => Promise<void>;
  /** Random, never the same again. */
  readonly newRequestId: () => string;
  readonly exchange: (request: HttpRequest) => Promise<HttpOutcome>;
  readonly openChanges: (parts: ChangesParts) => Promise<OpenedChanges>;
  /** A question on the terminal, if there is one. */
  readonly confirm: (question: string) => Promise<"yes" | "no" | "no-terminal">;
  /** The first interruption, by a key or a signal, is told instead of ending the process. Returns how to hear no more. */
  readonly onInterrupt: (told: () => void) => () => void;
  /** `USER@HOST`, for the record of who asked. */
  readonly operator: string;
  /** The version of this command line. */
  readonly version: string;
  readonly nodeVersion: string;
}
