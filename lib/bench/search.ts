import { database, openClient } from "@/db/client";
import { bringUpToDate } from "@/db/migrate";
import { searchInbox } from "@/lib/domain/message/stream";
import { env } from "@/lib/env";
import { quantile } from "./load";
import { createTarget, type Target } from "./setup";

const rounds = 3;
/** In no body; letters that others hide behind, and none such. */
const words = ["kiwifruit", "rowboat"];

/** `$2` messages of a kilobyte, no two alike, of the seconds before now. */
const filled = `
  insert into messages (id, project_id, source, method, path, query, headers, content_type, format, body, size, preview)
  select (left(id_at(now() - g * interval '1 second')::text, 13) || substr(uuid_v7()::text, 14))::uuid, $1, 'inbox', 'POST', '{}', '{}', '{}',
    'application/json', 'json', convert_to(said, 'UTF8'), length(said), ''
  from generate_series(1, $2::int) g cross join lateral (
    select '{"form":"visit","patient":{"id":' || g || ',"name":"Ada Byron"},"notes":"'
      || (select string_agg(translate(md5((g * 31 + k)::text), '0123456789abcdef', 'etaoinshrdlucmfw'), ' ') from generate_series(1, 28) k) || '"}' as said
  ) one`;

/**
 * How long the inbox's search takes to look through so many messages for a word that none of them has, beside PostgreSQL alone
 * that looks for it in the same bodies, in turns.
 */
export async function measureSearch(messages: number): Promise<void> {
  const client = await openClient(env().DATABASE_URL ?? "");
  await bringUpToDate(client).finally(() => client.end());
  const target = await createTarget("searched", "fn(state => state);");
  for (let left = messages; left > 0; left -= 100_000)
    await database().query(filled, [target.projectId, Math.min(left, 100_000)]);
  await database().query("vacuum analyze messages");
  const took = words.map(() => ({ ours: [] as number[], bare: [] as number[] }));
  for (let round = 0; round < rounds; round++)
    for (const [i, word] of words.entries()) {
      took[i]?.bare.push(await msOf(() => bareSearch(target, word)));
      took[i]?.ours.push(await msOf(() => wholeSearch(target, word)));
    }
  console.log(`\nseconds to look through ${messages} messages of 1 KB   bare SQL   (medians of ${rounds})`);
  for (const [i, word] of words.entries()) {
    const [ours = 0, bare = 0] = [took[i]?.ours, took[i]?.bare].map(
      (all) => quantile(all ?? [], 0.5) / 1_000,
    );
    console.log(`${word.padEnd(42)} ${ours.toFixed(2).padStart(10)} ${bare.toFixed(2).padStart(10)}`);
  }
}

async function msOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A search goes on after its half minute, as pages have it do. */
async function wholeSearch({ ctx }: Target, text: string): Promise<void> {
  let cursor: string | undefined;
  for (;;) {
    let last: string | null = null;
    for await (const { nextCursor } of searchInbox(ctx, { text, cursor }, new AbortController().signal))
      last = nextCursor;
    if (last === null) return;
    cursor = last;
  }
}

async function bareSearch({ projectId }: Target, text: string): Promise<void> {
  await database().transaction(async (sql) => {
    await sql.query("set local max_parallel_workers_per_gather = 0");
    await sql.query(
      "select count(*) from messages where project_id = $1 and strpos(lower(convert_from(body, 'UTF8')), $2) > 0",
      [projectId, text],
    );
  });
}
