import { sql } from "drizzle-orm";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { Finder } from "@/lib/domain/person/finder";
import { readContent } from "@/lib/domain/test-run/content";
import { sqlJson } from "@/lib/sql-json";
import { firstThatFit, type Item, type Place, Where } from "./place";

const pageTests = 200;
const pageBytes = 1_000_000;

type Stored = {
  id: string;
  input: string | null;
  said: string;
  messageId: string | null;
  isMade: boolean;
  steps: string[] | null;
  createdAt: Date | string;
};

/** Tests of drafts: what they began with, what their jobs came to, and the code that they ran. */
export const testsPlace: Place = {
  name: "tests of drafts",
  async page({ db, projectId, requestId, until, cursor, finder, withMade }) {
    const ofProject = keyset([[sql`t.project_id`, projectId]], sql`t.id`, {
      after: cursor ?? undefined,
      before: until,
    });
    const found = await rows<{ id: string; bytes: number }>(
      db,
      sql`select t.id, coalesce(octet_length(t.input), 0) + coalesce((
              select sum(octet_length(s.content)) from test_steps s where s.test_run_id = t.id and s.project_id = t.project_id), 0)::int as bytes
          from test_runs t where ${ofProject.where} order by ${ofProject.oldestFirst} limit ${pageTests}`,
    );
    const page = firstThatFit(found, pageBytes).map(({ id }) => id);
    const stored = await rows<Stored>(
      db,
      sql`select t.id, t.input, concat_ws(E'\n', t.error_type, t.error_message, t.notes::text, t.graph::text) as said,
            t.message_id as "messageId", t.created_at as "createdAt",
            exists (select 1 from person_items i where i.request_id = ${requestId}::uuid and i.kind = 'message' and i.item_id = t.message_id
              and i.project_id = t.project_id) as "isMade",
            (select array_agg(s.content order by s.ordinal) from test_steps s where s.test_run_id = t.id and s.project_id = t.project_id
              and s.content is not null) as steps
          from test_runs t where t.project_id = ${projectId}::uuid and t.id = any(${sql.param(page)}::uuid[]) order by t.id`,
    );
    const items: Item[] = [];
    for (const test of stored) {
      const where = await lookInTest(finder, test);
      const isMade = withMade && test.isMade;
      if (!where.isFound && !isMade) continue;
      items.push({
        ...{ kind: "test", itemId: test.id, via: where.isFound ? "found" : "made", source: "test_runs" },
        ...{
          places: where.places,
          excerpt: where.excerpt,
          at: new Date(test.createdAt),
          messageId: test.messageId,
        },
      });
    }
    const isLast = found.length < pageTests && page.length === found.length;
    return { items, seen: page.length, cursor: isLast ? null : (page.at(-1) ?? null) };
  },
};

async function lookInTest(finder: Finder, { input, said, steps }: Stored): Promise<Where> {
  const where = new Where();
  if (input !== null) where.add("state", await finder.state(input));
  where.add("error", await finder.json(said));
  for (const text of steps ?? []) {
    const { input: began, output, ...rest } = readContent(text);
    for (const state of [began, output]) if (state !== null) where.add("state", await finder.state(state));
    where.add("log", await finder.json(sqlJson(rest)));
  }
  return where;
}
