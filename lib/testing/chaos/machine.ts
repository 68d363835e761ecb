import type { ChildProcess } from "node:child_process";

export type Identity = { pid: number; start: string | null };

/** What the launcher gives: how processes of the product are started and known. Plain Node, so not in the bundle. */
export type Machine = {
  /** Whether file systems may be mounted: nobody else sees them, and they go with this process. */
  canMount: boolean;
  /** Whether this process has a network of its own, with nothing in it. */
  hasOwnNetwork: boolean;
  neutralEnvironment(extra: Record<string, string>): NodeJS.ProcessEnv;
  /** PostgreSQL below `dir`, kept running on one port. */
  startDatabase(dir: string): Promise<{
    process: { readonly identity: Identity | null; stop(): Promise<void> };
    url: string;
  }>;
  /** `waybill <role>`, which goes when this process goes. */
  startRole(role: "web" | "engine" | "runner", options: RoleOptions): ChildProcess;
  freePort(): Promise<number>;
  /** Undone in reverse order when this process is stopped. */
  onStop(cleanup: () => unknown): void;
};

export type RoleOptions = { env: NodeJS.ProcessEnv; namespace: string | null; logFile: string };
