import fc from "fast-check";
import { expect, test } from "vitest";
import { parseExact } from "@/lib/exact-json";
import { sqlJsonText } from "@/lib/sql-json";
import { testDatabase } from "@/lib/testing/database";
import { mismatchOf } from "./containment";

const database = testDatabase();

/** JSON as text, so that one number has all its spellings. Few keys and values, or hardly anything would contain another. */
const key = fc.constantFrom("a", "b", "é", "", "__proto__", "length").map((name) => JSON.stringify(name));
const number = fc.oneof(
  fc.constantFrom(
    "1",
    "1.0",
    "1e0",
    "10e-1",
    "-0",
    "0",
    "0.10",
    "0.1",
    "1E2",
    "100",
    "-1",
    "1e400",
    "10e399",
  ),
  fc.constantFrom("12345678901234567890", "12345678901234567891", "12345678901234567890.00", "1e-400"),
);
const scalar = fc.oneof(
  number,
  fc.constantFrom("true", "false", "null"),
  fc.constantFrom('""', '"1"', '"a"', '"A"', '"é"', '"e\\u0301"', '"\\u00e9"', '"\\u0000"', '"null"'),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 3 })
      .map((pairs) => `{${pairs.map(([name, one]) => `${name}:${one}`).join()}}`),
  ),
}));

/** What contains most of a filter: more beside it, more in its lists, another spelling, or a part of it gone. */
const grown = (filter: string, other: string): string[] => {
  const first = filter[0];
  const inner = filter.slice(1, -1);
  if (first === "[") return [`[${[inner, other].filter(Boolean).join()}]`, `[${other}]`, `[${filter}]`];
  if (first === "{")
    return [`{${['"z":1', inner].filter(Boolean).join()}}`, `{"a":${filter}}`, `[${filter}]`];
  return [`[${filter},${other}]`, `[[${filter}]]`, `{"a":${filter}}`];
};

test("there is a mismatch if and only if PostgreSQL says that the filter is not contained", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, value, value), { minLength: 20, maxLength: 30 }),
      async (triples) => {
        const pairs = triples.flatMap(([one, two, three]) =>
          [one, two, ...grown(one, two), ...grown(one, three)].map((content) => ({
            content: sqlJsonText(content),
            filter: sqlJsonText(one),
          })),
        );
        const said = await database.query<{ contains: boolean; content: string; filter: string }>(
          `select p->>'filter' = '{}' or (p->>'filter')::jsonb = '{}' or (p->>'content')::jsonb @> (p->>'filter')::jsonb as contains,
             (p->>'content')::jsonb::text as content, (p->>'filter')::jsonb::text as filter
           from jsonb_array_elements($1::jsonb) with ordinality as of (p, n) order by n`,
          [JSON.stringify(pairs)],
        );
        for (const [i, { contains, content, filter }] of said.entries()) {
          const asSent = pairs[i];
          const what = `${asSent?.content} @> ${asSent?.filter}`;
          expect(
            mismatchOf(parseExact(asSent?.content ?? ""), parseExact(asSent?.filter ?? "")) === null,
            what,
          ).toBe(contains);
          expect(mismatchOf(parseExact(content), parseExact(filter)) === null, what).toBe(contains);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("what it names is not there: with that part of the filter alone PostgreSQL says no, too", async () => {
  const objects = fc
    .array(fc.tuple(key, value), { minLength: 1, maxLength: 3 })
    .map((pairs) => `{${pairs.map(([name, one]) => `${name}:${one}`).join()}}`);
  await fc.assert(
    fc.asyncProperty(objects, objects, async (one, two) => {
      const [content, filter] = [sqlJsonText(one), sqlJsonText(two)];
      const mismatch = mismatchOf(parseExact(content), parseExact(filter));
      fc.pre(mismatch !== null && mismatch.path.length > 0);
      const [row] = await database.query<{ wanted: boolean; is_there: boolean; same_kind: boolean }>(
        `select $2::jsonb #> $3::text[] is not null as wanted, $1::jsonb #> $3::text[] is not null as is_there,
           $1::jsonb #> $3::text[] @> ($2::jsonb #> $3::text[]) and jsonb_typeof($1::jsonb #> $3::text[]) = jsonb_typeof($2::jsonb #> $3::text[]) as same_kind`,
        [content, filter, mismatch?.path],
      );
      expect(row?.wanted).toBe(true);
      expect(row?.is_there).toBe(mismatch?.why !== "missing");
      if (row?.is_there) expect(row.same_kind).toBe(false);
    }),
    { numRuns: 100 },
  );
});
