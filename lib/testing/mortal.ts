import type { Database, Db, Sql } from "@/db/client";

/** What whoever has died throws. */
export class Killed extends Error {}

/** Each sends one statement. */
const statements = new Set<PropertyKey>(["execute", "insert", "update", "delete", "select", "$count"]);

/**
 * A database of somebody who dies after so many statements, in transactions or not: whatever they begin after that throws
 * `Killed`, and what they have not committed is taken back. Tests let them live for a statement more each time.
 */
export function mortal(database: Database, survives: number): Database {
  const { transaction } = database;
  let sent = 0;
  const step = () => {
    if (sent++ >= survives) throw new Killed("killed");
  };
  const sql = (of: Sql): Sql => ({
    async query(...call) {
      step();
      return of.query(...call);
    },
  });
  const drizzle = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name) {
        const value = Reflect.get(of, name, of);
        if (typeof value !== "function") return value;
        if (name === "transaction")
          return (work: (tx: object) => unknown) => value.call(of, (tx: object) => work(drizzle(tx)));
        if (!statements.has(name)) return value.bind(of);
        return (...given: unknown[]) => {
          step();
          return value.apply(of, given);
        };
      },
    });
  return {
    ...database,
    ...sql(database),
    db: drizzle<Db>(database.db),
    transaction: (work) => transaction((tx) => work(sql(tx))),
  };
}
