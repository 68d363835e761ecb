import { Client as NeonClient, Pool as NeonPool, neonConfig } from "@neondatabase/serverless";
import { drizzle as drizzleNeon } from "drizzle-orm/neon-serverless";
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres";
import { type PgDatabase, PgPreparedQuery, type PgQueryResultHKT } from "drizzle-orm/pg-core";
import pg from "pg";
import { WebSocket } from "ws";
import { env } from "@/lib/env";
import { inTime, LateError } from "@/lib/in-time";
import { closeMs, connectMs, keepAliveMs, listenMs, type WorkKind } from "./deadline";
import { type GuardedClient, type GuardedPool, guardPool } from "./guard";
import { type Channel, listenFor } from "./listen";
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
  /** When one of its statements was answered last, by `performance.now()`; null before the first. */
  answeredAt(): number | null;
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
  on(event: "connect" | "remove", f: (client: GuardedClient) => void): unknown;
};

/** What Drizzle puts into the error of a statement that fails: with its parameters, payloads and secrets would be in logs. */
type Prepared = {
  queryWithCache(text: string, params: unknown[], query: () => Promise<unknown>): Promise<unknown>;
};
const prepared = PgPreparedQuery.prototype as unknown as Prepared;
const queryWithParams = prepared.queryWithCache;
// It uses them for nothing else where nothing is cached.
prepared.queryWithCache = function (text, _, query) {
  return queryWithParams.call(this, text, [], query);
};

export type ConnectOptions = {
  max?: number;
  applicationName?: string;
  /** What the pool's work is where nobody says (`asWork`): its statements have that kind's deadline. */
  kind?: WorkKind;
  /** The same database without a pooler, where notices are heard; by default what Neon's URL tells, or the URL itself. */
  directUrl?: string | undefined;
  /** host:port/path of a proxy of Neon's WebSocket protocol, without TLS, to use instead of Neon's own. */
  neonProxy?: string | undefined;
};

/**
 * Opens a pool. The only place that knows transports: `pg` for any Postgres over TCP, Neon's driver for Neon hosts
 * and behind `neonProxy`.
 */
export function connect(url: string, options: ConnectOptions = {}): Database {
  const driverFor = (to: string) => (options.neonProxy || isNeon(to) ? "neon" : "pg");
  const driver = driverFor(url);
  const direct = options.directUrl ?? withoutPooler(url);
  const kind = options.kind ?? "background";
  const settings = {
    connectionString: url,
    max: options.max ?? 10,
    // What was prepared on it is planned anew on a new one. Neon's may go to sleep.
    min: driver === "pg" ? 1 : 0,
    application_name: options.applicationName ?? "waybill",
    connectionTimeoutMillis: connectMs[kind],
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
  };
  if (driver === "neon") configureNeon(options.neonProxy);
  const pool = (driver === "neon" ? new NeonPool(settings) : new pg.Pool(settings)) as unknown as AnyPool;
  // Without a listener an idle connection's end (a database restart) would end the process.
  pool.on("error", () => {});
  const open = new Set<GuardedClient>();
  pool.on("connect", (client) => void open.add(client));
  pool.on("remove", (client) => void open.delete(client));
  let answeredAt: number | null = null;
  guardPool(pool as unknown as GuardedPool, kind, {
    cancel: (processId) => cancelBackend(url, driver, processId),
    onAnswer: () => {
      answeredAt = performance.now();
    },
  });
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
    listen: (channels, onNotify, onReady) =>
      listenFor(() => channelTo(direct, driverFor(direct)), channels, onNotify, onReady),
    answeredAt: () => answeredAt,
    close: () => closeInTime(pool, open),
  };
}

/**
 * Opens one connection of one's own over TCP, for what a pool cannot do: session locks, migrations, tests and benches that
 * stand beside the product. Connected; its end between two questions ends nobody. Whoever opens it ends it.
 */
export async function openClient(url: string, { applicationName = "waybill" } = {}): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectMs.act * 3,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** A bare pool of `pg`, for what is measured against it. */
export function barePool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max, connectionTimeoutMillis: connectMs.background });
  pool.on("error", () => {});
  return pool;
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

/** A connection of its own for notices. Not connected yet. */
const channelTo = (connectionString: string, driver: "pg" | "neon"): Channel =>
  new (clientOf(driver))({
    connectionString,
    application_name: "waybill-listen",
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    connectionTimeoutMillis: listenMs.answer,
  }) as unknown as Channel;

/** Ends every connection. Those that are cut off are thrown away: they would say their farewell for ever. */
async function closeInTime(pool: AnyPool, open: ReadonlySet<GuardedClient>): Promise<void> {
  try {
    await inTime(pool.end(), closeMs);
  } catch (error) {
    if (!(error instanceof LateError)) throw error;
    for (const client of open) client.connection?.stream?.destroy();
  }
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
  const { DATABASE_POOL: max, DATABASE_DIRECT_URL: directUrl } = env();
  shared.waybillDatabase ??= connect(url, { max, kind, directUrl });
  return shared.waybillDatabase;
}
