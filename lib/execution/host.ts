import type { Announce } from "@/lib/queue/announce";
import type { Runner } from "@/lib/runner/contract";
import type { HeldStates } from "./held";
import type { ExecutionStorage } from "./storage";

/**
 * Everything that executing runs needs, given by the process it happens in (lib/processes/host.ts): nothing here knows
 * where credentials and adaptors are kept, or who is told.
 */
export type ExecutionHost = {
  storage: ExecutionStorage;
  /** Gives a runner that lacks an adaptor the stored one, see lib/runner/with-artefacts.ts. */
  runner: Runner;
  credentials: CredentialSource;
  /** One a process. */
  held: HeldStates;
  /** Tells pages and engines, after each commit. */
  announce: Announce;
  clock: () => Date;
  /** Wall clock for one step, milliseconds; the sweeper's measure of "too long", too. */
  stepTimeoutMs: number;
  memoryMb: number;
  /** Whether the process is being stopped: a run is given back between two steps. */
  isStopping: () => boolean;
};

export type CredentialSource = {
  /** The decrypted credential that a job of this project uses. Throws a sentence without secrets when it cannot be had. */
  open(
    projectCredentialId: string,
    projectId: string,
  ): Promise<{
    name: string;
    body: Record<string, unknown>;
    /** Where it may be sent; null when its owner names no hosts. */
    allowedHosts: string[] | null;
  }>;
};
