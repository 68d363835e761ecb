import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import type { Database, Db, Row, Sql } from "@/db/client";
import { planSettings } from "@/db/guard";
import * as schema from "@/db/schema";
import { type Cost, explain, hasPlan } from "./explain";

/** One execution of a statement. `name` is what it is prepared under, where it is. */
export type Counted = Cost & { name: string | undefined; text: string };

export type Counting = {
  /** The product's database, within one transaction that is taken back: what is asked through it is counted. */
  database: Database;
  /** The same transaction, uncounted: what a case needs to be there. */
  sql: Sql;
  counted: Counted[];
};

/** How plans are made: for the values at hand, or for any. One that is made for any is kept as long as its connection. */
export type PlanMode = "force_custom_plan" | "force_generic_plan";

/**
 * A connection that executes each statement twice: measured, as it would be when prepared on this connection, and taken
 * back; then for good. What it prepares it keeps, so that plans made on an empty database can be met again on a full one.
 */
export class CountingConnection {
  readonly #client: pg.Client;
  readonly #mode: PlanMode;
  readonly #prepared = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();
  #depth = 0;

  constructor(client: pg.Client, mode: PlanMode) {
    this.#client = client;
    this.#mode = mode;
  }

  /** Does `work` in a transaction and takes it back. Returns what its statements came to. */
  async during(work: (counting: Counting) => Promise<unknown>): Promise<Counted[]> {
    const counted: Counted[] = [];
    await this.#client.query(`select set_config('plan_cache_mode', '${this.#mode}', false), ${planSettings}`);
    await this.#client.query("begin");
    try {
      await work({
        database: this.#database(counted),
        sql: { query: (text, values) => this.#plain(text, values) },
        counted,
      });
    } finally {
      await this.#client.query("rollback");
    }
    return counted;
  }

  #database(counted: Counted[]): Database {
    const sql: Sql = {
      query: async <T extends Row>(text: string, values: unknown[] = [], name?: string) =>
        (await this.#one(counted, { text, values, name })).rows as T[],
    };
    const client = {
      query: (asked: { text: string } | string, values: unknown[] = []) =>
        this.#one(counted, typeof asked === "string" ? { text: asked, values } : { ...asked, values }),
    };
    return {
      db: drizzle(client as unknown as pg.Client, { schema }) as unknown as Db,
      ...sql,
      transaction: (work) => work(sql),
      listen: async () => async () => {},
      answeredAt: () => null,
      close: async () => {},
    };
  }

  async #plain<T extends Row>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.#alone(() => this.#client.query<T>(text, values))).rows;
  }

  /** One statement at a time: each is several on this connection. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  #one(
    counted: Counted[],
    asked: { text: string; values: unknown[]; name?: string | undefined; rowMode?: string },
  ) {
    return this.#alone(async () => {
      const inner = this.#inner(asked.text);
      if (inner) return this.#client.query(inner);
      const { name, ...sent } = asked;
      if (hasPlan(sent)) counted.push({ ...(await this.#cost(sent)), name, text: sent.text });
      return this.#client.query(sent);
    });
  }

  /** A transaction within the one that is taken back. */
  #inner(text: string): string | undefined {
    if (/^\s*begin\b/i.test(text)) return `savepoint inner_${++this.#depth}`;
    if (/^\s*commit\b/i.test(text)) return `release savepoint inner_${this.#depth--}`;
    if (/^\s*rollback\s*;?$/i.test(text)) return `rollback to savepoint inner_${this.#depth--}`;
    return undefined;
  }

  async #cost({ text, values }: { text: string; values: unknown[] }): Promise<Cost> {
    let prepared = this.#prepared.get(text);
    await this.#client.query("savepoint counted");
    try {
      if (!prepared) {
        prepared = `counted_${this.#prepared.size}`;
        await this.#client.query(`prepare ${prepared} as ${text}`);
        this.#prepared.set(text, prepared);
      }
      const literals = values.length > 0 ? `(${values.map(literal).join(", ")})` : "";
      return await explain(this.#client, `execute ${prepared}${literals}`);
    } finally {
      await this.#client.query("rollback to savepoint counted");
    }
  }
}

/** A value as `execute` takes it, which knows the type. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return "null";
  const text = textOf(value);
  return text.includes("\\")
    ? `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return `{${value.map(elementOf).join(",")}}`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const elementOf = (value: unknown): string =>
  value === null || value === undefined
    ? "NULL"
    : `"${textOf(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
