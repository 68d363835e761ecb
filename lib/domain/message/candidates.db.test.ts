import { sql } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { queryOf, rows } from "@/db/rows";
import { searchableTexts } from "@/lib/body/searchable";
import { heavyRead } from "@/lib/domain/heavy-read";
import { Seeker } from "@/lib/search/seeker";
import { searchTerms } from "@/lib/search/terms";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { candidatesOf } from "./candidates";
import { filteredMessages } from "./ids";
import { type SearchedBody, searchedBody } from "./search";
import { type SearchPart, searchInbox } from "./stream";

const letters = [
  "a",
  "I",
  "k",
  "K",
  "\u212a",
  "i\u0307",
  "\u0130",
  "é",
  "e\u0301",
  "Ж",
  "1",
  " ",
  "3",
  "lemo",
];
const hiding = ["%", "%41", "\\", "\\u0061", "\\u0130", "\\/", "\\n", "+", "303"];

test("whatever a text is written with, no message that says what is looked for is left out", async () => {
  const clinic = await createClinic();
  const scope = { project: clinic.project.id, range: {}, order: "newestFirst", limit: 1_000 } as const;
  const body = fc.array(fc.constantFrom(...letters, ...hiding), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom("json", "text", "form"), body), { minLength: 5, maxLength: 40 }),
      fc.array(fc.constantFrom(...letters, "%", "303", "lemo"), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(100, 5_000),
      async (messages, searched, window) => {
        await testDatabase().query("delete from messages where project_id = $1", [clinic.project.id]);
        await testDatabase().query(
          `insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
           select $1, 'inbox', 'POST', '{}', '{}', '{}', m->>0, convert_to(m->>1, 'UTF8'), octet_length(m->>1), ''
           from jsonb_array_elements($2::jsonb) m`,
          [
            clinic.project.id,
            JSON.stringify(
              messages.map(([format, parts]) => [
                format,
                format === "json" ? `"${json(parts)}"` : parts.join(""),
              ]),
            ),
          ],
        );
        const terms = searchTerms(searched.join(""));
        const { candidates, goOn } = await candidatesOf(clinic.ctx, {
          ...{ terms, window, order: "newestFirst" },
          scopeOf: (limit, columns) => filteredMessages({}, { ...scope, limit }, columns),
        });
        expect(goOn).toBeNull();
        const ids = candidates.map(({ id }) => id);
        expect(ids).toEqual([...new Set(ids)].sort().reverse());
        const stored = await rows<SearchedBody & { id: string }>(
          clinic.ctx.db,
          sql`select m.id, ${searchedBody(sql`m`)} from messages m where m.project_id = ${clinic.project.id}`,
        );
        for (const { id, ...one } of stored) {
          const seeker = new Seeker(terms);
          await seeker.lookThrough(searchableTexts(one));
          if (seeker.isDone)
            expect(ids, `${JSON.stringify(String(one.body))} says ${searched.join("")}`).toContain(id);
        }
      },
    ),
    { numRuns: 60 },
  );
});

/** A backslash alone is none of JSON's escapes. */
const json = (parts: string[]) => parts.map((part) => (part === "\\" ? "\\\\" : part)).join("");

test("a body of plain letters that says something else is not read", async () => {
  const clinic = await createClinic();
  await clinic.receive({ patient: "Kim", notes: 'one "word" in\nlines' });
  const kim = await clinic.receive({ patient: "Ali KIM", city: "Chișinău" });
  const { candidates } = await candidatesOf(clinic.ctx, {
    ...{ terms: searchTerms("ali kim"), window: 100, order: "newestFirst" },
    scopeOf: (limit, columns) =>
      filteredMessages({}, { project: clinic.project.id, range: {}, order: "newestFirst", limit }, columns),
  });
  expect(candidates.map(({ id }) => id)).toEqual([kim]);
});

test("a form's escapes are read", async () => {
  const clinic = await createClinic();
  const id = await clinic.receive("city=%4eairobi", { contentType: "application/x-www-form-urlencoded" });
  await clinic.receive("city=Nyeri", { contentType: "application/x-www-form-urlencoded" });
  const { candidates } = await candidatesOf(clinic.ctx, {
    ...{ terms: searchTerms("nairobi"), window: 100, order: "newestFirst" },
    scopeOf: (limit, columns) =>
      filteredMessages({}, { project: clinic.project.id, range: {}, order: "newestFirst", limit }, columns),
  });
  expect(candidates.map((one) => one.id)).toEqual([id]);
});

let large: Clinic;
const needles: string[] = [];

/** 8,000 messages that say "hay", with a needle among each thousand. */
beforeAll(async () => {
  large = await createClinic();
  const found = await queryOf(testDatabase().db)<{ id: string; is_needle: boolean }>(
    `insert into messages (id, project_id, source, method, path, query, headers, format, body, size, preview)
     select (lpad(to_hex($2::bigint + n), 12, '0') || '70008000' || lpad(to_hex(n * 7), 12, '0'))::uuid, $1, 'inbox', 'POST', '{}', '{}', '{}', 'text',
       convert_to(case when n % 1000 < 2 then 'one Needle more' else 'hay' end, 'UTF8'), 3, 'hay'
     from generate_series(1, 8000) n returning id, octet_length(body) > 3 as is_needle`,
    [large.project.id, Date.UTC(2026, 1, 10)],
  );
  needles.push(
    ...found
      .flatMap(({ id, is_needle }) => (is_needle ? [id] : []))
      .sort()
      .reverse(),
  );
});

/** Windows of more than two readers are worth. */
const bounds = { wholeMs: 30_000, partMs: 300, first: 3_001, least: 3_001, most: 3_001 };

async function partsOf(input: object): Promise<SearchPart[]> {
  const parts: SearchPart[] = [];
  for await (const part of searchInbox(
    large.ctx,
    { text: "needle", ...input },
    new AbortController().signal,
    bounds,
  ))
    parts.push(part);
  return parts;
}
const idsOf = (parts: SearchPart[]) => parts.flatMap(({ items }) => items.map(({ id }) => id));

test("two readers find, in order, what one finds, and go on after any of what they say", async () => {
  expect(needles).toHaveLength(16);
  const parts = await partsOf({ limit: 100 });
  expect(idsOf(parts)).toEqual(needles);
  expect(parts.length).toBe(3);
  // One, because another reader has the project's second turn.
  const alone = await heavyRead(large.project.id, () => partsOf({ limit: 100 }));
  expect(alone).toEqual(parts);
  const paged: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await partsOf({ limit: 5, cursor });
    paged.push(...idsOf(page));
    cursor = page.at(-1)?.nextCursor ?? null;
  }
  expect(paged).toEqual(needles);
});

test("what comes between the two readers' looks moves no message out of both", async () => {
  const { ctx } = large;
  const [came] = await rows<{ id: string }>(
    ctx.db,
    sql`select id from messages where project_id = ${large.project.id} order by id desc offset 999 limit 1`,
  );
  let looks = 0;
  const { candidates, goOn } = await candidatesOf(ctx, {
    ...{ terms: searchTerms("needle"), window: 4_000, order: "newestFirst" },
    // As if a thousand had come before the second look.
    scopeOf: (limit, columns) => {
      const range = looks++ === 0 ? { before: came?.id } : {};
      return filteredMessages({}, { project: large.project.id, range, order: "newestFirst", limit }, columns);
    },
  });
  const both = (id: string) => id < (came?.id ?? "") && id >= (goOn ?? "");
  expect(looks).toBe(2);
  expect(needles.filter(both)).toHaveLength(6);
  expect(candidates.map(({ id }) => id).filter((id) => id < (came?.id ?? ""))).toEqual(needles.filter(both));
});
