import type { Db } from "@/db/client";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import type { Announce } from "@/lib/queue/announce";
import type { Runner } from "@/lib/runner/contract";

/** What whoever runs tests of drafts is given by its process. */
export type TestHost = {
  db: Db;
  announce: Announce;
  runner(): Runner;
  /** The credential that a job really uses, tokens renewed. */
  credentials: {
    open(
      wanted: { projectCredentialId: string } | { keychainCredentialId: string; input: string },
      projectId: string,
    ): Promise<{ id: string; body: Record<string, unknown>; allowedHosts: string[] | null }>;
  };
  collectionsToken(run: { runId: string; projectId: string }, forMs: number): string;
  resolveAdaptor: ResolveAdaptor;
  /** Of a job that really sends, milliseconds. */
  stepTimeoutMs: number;
  memoryMb: number;
  isStopping(): boolean;
  /** Between two signs of life; 1 s by default. */
  beatMs?: number;
};
