import type { Database, Db, Sql } from "@/db/client";
import { queryOf } from "@/db/rows";

/**
 * A database that counts, of each transaction, the rows that it deleted or replaced: of all tables, by whatever did it (foreign
 * keys too), and out of line. What is sent outside a transaction is one of its own.
 */
export function countingTuples(database: Database): { database: Database; most(): number } {
  let most = 0;
  const counted = async <T>(sql: Sql, work: () => Promise<T>): Promise<T> => {
    const before = await gone(sql);
    const result = await work();
    most = Math.max(most, (await gone(sql)) - before);
    return result;
  };
  const transaction: Database["transaction"] = (work) =>
    database.transaction((tx) => counted(tx, () => work(tx)));
  const db = new Proxy<Db>(database.db, {
    get(of, name) {
      const value = Reflect.get(of, name, of);
      if (name === "transaction")
        return (work: (tx: Db) => Promise<unknown>) =>
          of.transaction((tx) => counted({ query: queryOf(tx as Db) }, () => work(tx as Db)));
      return typeof value === "function" ? value.bind(of) : value;
    },
  });
  return {
    database: { ...database, db, transaction, query: (...call) => transaction((tx) => tx.query(...call)) },
    most: () => most,
  };
}

/** What this connection has deleted or replaced, as far as it has not been reported. */
async function gone(of: Sql): Promise<number> {
  const [row] = await of.query<{ n: number }>(
    `select sum(pg_stat_get_xact_tuples_deleted(oid) + pg_stat_get_xact_tuples_updated(oid))::float8 as n
     from pg_class where relkind in ('r', 't')`,
    [],
  );
  return row?.n ?? 0;
}
