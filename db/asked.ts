import { type Statement, statement } from "./statement";

/** Column → its PostgreSQL type. */
type Types<C> = { [K in keyof C]: string };

/**
 * A statement about rows that the caller brings, which it reads as `asked` with these columns; `body` goes on after it,
 * with a further common table expression. One row alone comes as
 * plain values, which costs PostgreSQL half as much as lists of one; several come as a list a column, from behind
 * `offset 0`: if it saw how long they are, it would plan anew for every call.
 */
export function askedStatement<C extends Record<string, unknown>>(
  types: Types<C>,
  body: string,
): { of(rows: C[]): { text: string; values: unknown[]; isOne: boolean } } {
  const columns = Object.keys(types) as (keyof C & string)[];
  const one: Statement<C> = statement<C>(
    (p) =>
      `with asked as materialized (select ${columns.map((column) => `${p[column]}::${types[column]} as ${column}`).join(", ")}), ${body}`,
  );
  const many: Statement<C> = statement<C>(
    (p) =>
      `with asked as (select x.* from (select ${columns.map((column) => `${p[column]}::${types[column]}[] as ${column}s`).join(", ")} offset 0) lists, unnest(${columns.map((column) => `${column}s`).join(", ")}) as x(${columns.join(", ")})), ${body}`,
  );
  return {
    of(rows) {
      const [only] = rows;
      if (rows.length === 1 && only) return { text: one.text, values: one.values(only), isOne: true };
      const lists = Object.fromEntries(columns.map((column) => [column, rows.map((row) => row[column])]));
      return { text: many.text, values: many.values(lists as C), isOne: false };
    },
  };
}

/** Whether a row is the first with its key: of equal ones in a list, only one can have what there is one of. */
export const firstOf = <T>(rows: T[], key: (row: T) => string, row: T): boolean =>
  rows.find((one) => key(one) === key(row)) === row;
