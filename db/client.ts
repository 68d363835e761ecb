import { Client as NeonClient, Pool as NeonPool, neonConfig } from "@neondatabase/serverless";
import { drizzle as drizzleNeon } from "drizzle-orm/neon-serverless";
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import pg from "pg";
import { WebSocket } from "ws";
import { env } from "@/lib/env";
import { connectMs, type WorkKind } from "./deadline";
import { type GuardedPool, guardPool } from "./guard";
import { isNeon, withoutPooler } from "./neon";
import * as schema from "./schema";

/** Drizzle over either driver, and over a transaction of either. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

export type Row = Record<string, unknown>;

/** Plain SQL for the few statements that are written by hand. A `name` prepares the statement once per connection. */
export type Sql = {
  query<T extends Row>(text: string, values?: unknown[], name?: string): Promise<T[]>;
};

export type Database = Sql & {
  db: Db;
  /** One transaction; commits when `work` resolves, rolls back when it throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Calls back for every NOTIFY on `channels`, reconnecting for ever. Resolves to a function that stops it. */
  listen(
    channels: string[],
    onNotify: (channel: string, payload: string) => void,
    onReady?: () => void,
  ): Promise<() => Promise<void>>;
  close(): Promise<void>;
};

type AnyClient = {
  query(q: { text: string; values?: unknown[]; name?: string }): Promise<{ rows: Row[] }>;
  release(error?: boolean): void;
};
type AnyPool = {
  query: AnyClient["query"];
  connect(): Promise<AnyClient>;
  end(): Promise<void>;
  on(event: "error", f: (e: Error) => void): unknown;
};

export type ConnectOptions = {
  max?: number;
  applicationName?: string;
  /** What the pool's work is where nobody says (`asWork`): its statements have that kind's deadline. */
  kind?: WorkKind;
  /** host:port/path of a proxy of Neon's WebSocket protocol, without TLS, to use instead of Neon's own. */
  neonProxy?: string | undefined;
};

/**
 * Opens a pool. The only place that knows transports: `pg` for any Postgres over TCP, Neon's driver for Neon hosts
 * and behind `neonProxy`.
 */
export function connect(url: string, options: ConnectOptions = {}): Database {
  const driver = options.neonProxy || isNeon(url) ? "neon" : "pg";
  const kind = options.kind ?? "background";
  const settings = {
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? "waybill",
    connectionTimeoutMillis: connectMs[kind],
    keepAlive: true,
  };
  if (driver === "neon") configureNeon(options.neonProxy);
  const pool = (driver === "neon" ? new NeonPool(settings) : new pg.Pool(settings)) as unknown as AnyPool;
  // Without a listener an idle connection's end (a database restart) would end the process.
  pool.on("error", () => {});
  guardPool(pool as unknown as GuardedPool, kind, (processId) => cancelBackend(url, driver, processId));
  const db = (driver === "neon"
    ? drizzleNeon(pool as unknown as NeonPool, { schema })
    : drizzlePg(pool as unknown as pg.Pool, { schema })) as unknown as Db;
  const sql = (client: Pick<AnyClient, "query">): Sql => ({
    async query<T extends Row>(text: string, values: unknown[] = [], name?: string) {
      return (await client.query(name ? { text, values, name } : { text, values })).rows as T[];
    },
  });

  return {
    db,
    ...sql(pool),
    async transaction(work) {
      const client = await pool.connect();
      let broken = false;
      // When it fails, the guard has given the connection back.
      await client.query({ text: "begin" });
      try {
        const result = await work(sql(client));
        await client.query({ text: "commit" });
        return result;
      } catch (error) {
        await client.query({ text: "rollback" }).catch(() => {
          broken = true;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    listen: (channels, onNotify, onReady) => listen(url, driver, channels, onNotify, onReady),
    close: () => pool.end(),
  };
}

const clientOf = (driver: "pg" | "neon") =>
  driver === "neon" ? (NeonClient as unknown as typeof pg.Client) : pg.Client;

/**
 * Cancels what a backend does, over a connection of its own: those of the pool may all be busy. Neon's driver knows no
 * other way than SQL, so this is it for both. Resolves to false when the server cannot be reached.
 */
async function cancelBackend(url: string, driver: "pg" | "neon", processId: number): Promise<boolean> {
  const client = new (clientOf(driver))({
    connectionString: url,
    application_name: "waybill-cancel",
    connectionTimeoutMillis: connectMs.accept,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select pg_cancel_backend($1)", [processId]);
    return true;
  } catch {
    return false;
  } finally {
    client.end().catch(() => {});
  }
}

/** Neon's driver keeps its transport in one place a process. */
function configureNeon(proxy: string | undefined): void {
  neonConfig.webSocketConstructor ??= globalThis.WebSocket ?? WebSocket;
  if (!proxy) return;
  neonConfig.wsProxy = () => proxy;
  neonConfig.useSecureWebSocket = false;
}

async function listen(
  url: string,
  driver: "pg" | "neon",
  channels: string[],
  onNotify: (channel: string, payload: string) => void,
  onReady?: () => void,
): Promise<() => Promise<void>> {
  let stopped = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  const Client = clientOf(driver);
  const connectionString = withoutPooler(url);
  const open = async () => {
    const mine = new Client({
      connectionString,
      application_name: "waybill-listen",
      keepAlive: true,
      connectionTimeoutMillis: connectMs.background,
    });
    client = mine;
    const again = () => {
      if (stopped || client !== mine) return;
      client = undefined;
      mine.end().catch(() => {});
      retry = setTimeout(() => void open().catch(again), 1000);
    };
    mine.on("error", again);
    mine.on("end", again);
    mine.on("notification", (n) => onNotify(n.channel, n.payload ?? ""));
    try {
      await mine.connect();
      for (const channel of channels) await mine.query(`listen ${channel}`);
      onReady?.();
    } catch {
      again();
    }
  };
  await open();
  return async () => {
    stopped = true;
    clearTimeout(retry);
    await client?.end().catch(() => {});
  };
}

const shared = globalThis as { waybillDatabase?: Database };

/**
 * The process's one pool, from DATABASE_URL. Whoever asks first says what kind of work the process does; the others'
 * `kind` means nothing.
 */
export function database(kind: WorkKind = "background"): Database {
  const url = env().DATABASE_URL;
  if (!url)
    throw new Error("DATABASE_URL is not set: start Waybill with `npm start`, which provides a database.");
  shared.waybillDatabase ??= connect(url, { max: env().DATABASE_POOL, kind });
  return shared.waybillDatabase;
}
