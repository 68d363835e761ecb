import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mails } from "@/db/schema";
import { causes, errorCode } from "@/lib/error-code";
import { errorResponse } from "@/lib/http/errors";
import { log } from "@/lib/log";
import { testDatabase } from "@/lib/testing/database";
import { asWork } from "./deadline";

const database = testDatabase();
/** What a statement was given: a name of a payload, a password. */
const marker = "Amina-7f3a91c2";
const payload = JSON.stringify({ name: marker }).slice(0, -1);

let said: string[] = [];
beforeEach(() => {
  said = [];
  for (const stream of [process.stderr, process.stdout])
    vi.spyOn(stream, "write").mockImplementation((text) => said.push(String(text)) > 0);
  for (const way of ["error", "warn", "log"] as const)
    vi.spyOn(console, way).mockImplementation((...parts) => void said.push(...parts.map((one) => show(one))));
});
afterEach(() => vi.restoreAllMocks());

/** As Node, and Next with it, prints whatever is thrown. */
const show = (value: unknown): string =>
  typeof value === "string" ? value : inspect(value, { depth: 10, showHidden: true });

const failureOf = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail.");
};

const statements: [string, () => Promise<unknown>][] = [
  [
    "Drizzle's own",
    () => database.db.insert(mails).values({ to: `${marker}\0`, subject: marker, text: marker }),
  ],
  ["Drizzle's of a text", () => database.db.execute(sql`select ${marker} from nowhere`)],
  [
    "Drizzle's in a transaction",
    () => database.db.transaction((tx) => tx.execute(sql`select ${marker}::int`)),
  ],
  ["a plain one", () => database.query("select $1::uuid", [marker])],
  ["a named one", () => database.query("select $1::timestamptz", [marker], "failed-named")],
  ["JSON that is none", () => database.query("select $1::jsonb", [payload])],
  ["a text of a search", () => database.query("select to_tsquery('simple', $1)", [`${marker} & & x`])],
  ["a path", () => database.query("select $1::jsonpath", [`$.${marker}"`])],
  ["a pattern", () => database.query("select 'x' ~ $1", [`${marker}(`])],
  [
    "a row that is there",
    () =>
      database.transaction(async (tx) => {
        await tx.query(
          "create temporary table taken (name text unique, age int check (age > 0)) on commit drop",
        );
        await tx.query("insert into taken values ($1, 1)", [marker]);
        await tx.query("insert into taken values ($1, 2)", [marker]);
      }),
  ],
  [
    "a row that breaks a rule",
    () =>
      database.transaction(async (tx) => {
        await tx.query("create temporary table ruled (name text, age int check (age > 0)) on commit drop");
        await tx.query("insert into ruled values ($1, 0)", [marker]);
      }),
  ],
  [
    "one that nobody waits for",
    () => {
      const signal = AbortSignal.abort();
      return asWork({ kind: "read", signal }, async () => database.db.execute(sql`select ${marker}`));
    },
  ],
];

describe.each(statements)("a statement that fails: %s", (_, statement) => {
  test("says nothing of what it was given, wherever its error goes", async () => {
    const error = await failureOf(statement);
    expect(show(error)).not.toContain(marker);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(marker);
    expect(await errorResponse(error).text()).not.toContain(marker);
    log.error("failed", { error });
    console.error(error);
    expect(said.length).toBeGreaterThan(1);
    expect(said.join("\n")).not.toContain(marker);
  });
});

test("its code and its constraint are told as before", async () => {
  const error = await failureOf(() =>
    database.db.execute(sql`insert into mails ("to", subject, text) values (null, ${marker}, 'x')`),
  );
  const [, cause] = causes(error);
  expect(errorCode(cause)).toBe("23502");
  expect(cause).toMatchObject({ table: "mails", column: "to" });
  expect(show(error)).toContain("Failed query: insert into mails");
});
