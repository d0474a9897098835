// job-finish.ts — what a finish says of its job (SEMANTICS §3).
import type { FencingToken, JobId } from "../ids.ts";
import type { JobOutcome } from "../result.ts";

export interface JobFinish {
  readonly jobId: JobId;
  /** Of the run that is meant, and of none that the session has started since; undefined: whichever it runs. */
  readonly token: FencingToken | undefined;
  readonly outcome: JobOutcome;
  /** It stays queued, to be started again. */
  readonly keepQueueKey: boolean;
  /** For so long a start of the job is `already_finished`; undefined: it is forgotten. */
  readonly rememberMs: number | undefined;
}
