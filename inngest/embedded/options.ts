import type { Database } from "@/db/client";
import type { Handler } from "./call";
import { type Migration, migrations } from "./migrations";
import type { Retention } from "./retention";
import { defaultBackoffMs } from "./time";

export type EngineOptions = {
  database: Database;
  /** The SDK's `serve()` handler. */
  handler: Handler;
  signingKey: string;
  eventKey: string;
  schema?: string;
  /** Calls under way at once in this process. */
  maxInFlight?: number;
  /** Function id → most of its calls at once in all engines, besides the limits it names itself. */
  ceilings?: Record<string, number>;
  /** How long an engine on another machine may be silent before its work is given away. */
  leaseMs?: number;
  /** Safety net; what wakes the engine normally is `wake()`. */
  pollMs?: number;
  backoffMs?: (attempt: number) => number;
  retention?: Partial<Retention>;
  sweepMs?: number;
  /**
   * Stops what claims beside it under its name: it leaves once that has ended, or its own time is over, and what is held
   * then is set free.
   */
  stopBeside?: () => Promise<void>;
  onError?: (error: unknown, where: string) => void;
  /** What this release knows of the schema. */
  migrations?: readonly Migration[];
  /** Hears once, in a sentence, that the schema has become too new for this engine, which is stopping then. */
  onOutdated?: (sentence: string) => void;
  /** How long calls under way may take to end then. A newer engine waits for a little longer than this. */
  outdatedGraceMs?: number;
};

export type Settings = Required<Omit<EngineOptions, "retention">> & { retention: Retention };

export const withDefaults = (options: EngineOptions): Settings => ({
  schema: "durable",
  maxInFlight: 16,
  ceilings: {},
  leaseMs: 15_000,
  pollMs: 1000,
  backoffMs: defaultBackoffMs,
  sweepMs: 60_000,
  stopBeside: async () => {},
  onError: (error, where) => console.error(`engine: ${where}`, error),
  migrations,
  onOutdated: (sentence) => console.error(sentence),
  outdatedGraceMs: 30_000,
  ...options,
  retention: { runsMs: 864e5, eventsMs: 864e5, batch: 1000, ...options.retention },
});
