import type { Announce } from "@/lib/queue/announce";
import type { Runners } from "@/lib/runner/fleet";
import type { WantedCredential } from "@/lib/workflow/wanted-credential";
import type { Beginnings } from "./beginnings";
import type { Executor } from "./executor";
import type { HeldStates } from "./held";
import type { ExecutionStorage } from "./storage";

/**
 * Everything that executing runs needs, given by the process it happens in (lib/processes/host.ts): nothing here knows
 * where credentials and adaptors are kept, or who is told.
 */
export type ExecutionHost = {
  storage: ExecutionStorage;
  /** Who executes. One a process. */
  executor: Executor;
  /** One a process. */
  beginnings: Beginnings;
  /** Each gives a runner that lacks an adaptor the stored one, see lib/runner/with-artefacts.ts. */
  runners: Runners;
  credentials: CredentialSource;
  /** By what a run's jobs prove themselves to its project's collections, while it is under way and for this long at most. */
  collectionsToken(run: { runId: string; projectId: string }, forMs: number): string;
  /** One a process. */
  held: HeldStates;
  /** Tells pages and engines, after each commit. */
  announce: Announce;
  /** Says that a run has failed, or that one that somebody asked for has ended. It may be lost: somebody looks each minute. */
  askForIssues: () => void;
  clock: () => Date;
  /** From 0 to 1: by how much a pause between attempts is shorter than its policy says. */
  random: () => number;
  patience: Patience;
  /** Wall clock for one step, milliseconds. */
  stepTimeoutMs: number;
  memoryMb: number;
  /** Whether the process is being stopped: a run is given back between two steps. */
  isStopping: () => boolean;
};

export type Patience = {
  /** How long a step that no runner takes is offered to them, before its run is delivered again later. */
  startMs: number;
  /** Between two offers. */
  offerMs: number;
  /** Before each repetition of a step that was lost and had done nothing outside; there are as many as these. */
  repeatMs: readonly number[];
};

export const usualPatience: Patience = { startMs: 20_000, offerMs: 250, repeatMs: [1_000, 5_000] };

export type CredentialSource = {
  /** The decrypted credential that a job of this project uses. Throws a sentence without secrets when it cannot be had. */
  open(
    wanted: WantedCredential,
    projectId: string,
  ): Promise<{
    /** What runners tell it from others by. */
    id: string;
    name: string;
    body: Record<string, unknown>;
    /** Where it may be sent; null when its owner names no hosts. */
    allowedHosts: string[] | null;
  }>;
};
