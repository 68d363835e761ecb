import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { nextStarts } from "@/lib/domain/person/cursors";
import { wipeMessages, wipeSteps } from "@/lib/domain/retention/wipe";
import { isOfMessage } from "@/lib/domain/run/of-message";
import { withoutMessage } from "@/lib/state/repeated";
import { isUnfinished } from "@/lib/workflow/states";
import { wipeTexts } from "./texts";
import { idList, inParts, sqlOf, type ToWipe, those, type Wiper, wiping } from "./wiper";

const unfinished = sql.raw(isUnfinished("r.state"));

/** Messages with all that was made of them, also by runs that began after the search. */
export const messages: Wiper = async (tx, { ids, ...of }) => {
  const { projectId } = of;
  await wipeMessages(sqlOf(tx), wiping(projectId), ids);
  const done = await those(
    tx,
    ids,
    sql`not exists (select 1 from messages m where m.id = i.id and m.project_id = ${projectId} and m.wiped_at is null)`,
  );
  const made = await rows<{ id: string }>(
    tx,
    sql`select s.id from steps s where s.message_id = any(${idList(done)}) and s.project_id = ${projectId} order by s.id`,
  );
  for (const part of inParts(made)) await steps(tx, { ...of, ids: part.map(({ id }) => id) });
  await tx.execute(
    sql`update messages set content_type = null where id = any(${idList(done)}) and project_id = ${projectId} and content_type is not null`,
  );
  await emptyRuns(tx, { ...of, ids: await runsOf(tx, of, done) });
  // A repeat is still known for its hours; then its digest is forgotten, however often it came.
  await tx.execute(
    sql`update deliveries set times = 1, is_reused = false where project_id = ${projectId} and message_id = any(${idList(done)})`,
  );
  return done;
};

async function runsOf(tx: Db, { projectId }: { projectId: string }, messageIds: string[]): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    sql`/* checked: of the messages */ select r.id from runs r where ${isOfMessage("r", projectId, sql`o.message_id = any(${idList(messageIds)})`)} order by r.id`,
  );
  return found.map(({ id }) => id);
}

/** Steps: their outputs, logs, errors and replies, and keys in the names of hosts. What has a name, or the clock begins with, stays. */
export const steps: Wiper = async (tx, { projectId, finder, ids, requestId }) => {
  const ended = await those(
    tx,
    ids,
    sql`exists (select 1 from steps s join runs mine on mine.id = s.run_id and mine.project_id = s.project_id
          where s.id = i.id and s.project_id = ${projectId} and not exists (
            select 1 from runs r where r.work_order_id = mine.work_order_id and r.project_id = mine.project_id and ${unfinished}))
        or not exists (select 1 from steps s where s.id = i.id and s.project_id = ${projectId})`,
  );
  const starts = await those(
    tx,
    ended,
    sql`exists (select 1 from steps s where s.id = i.id and s.project_id = ${projectId} and s.output_dataclip_id in (${nextStarts(projectId)}))`,
  );
  const isStart = new Set(starts);
  const usual = ended.filter((id) => !isStart.has(id));
  for (const part of inParts(usual)) await wipeSteps(sqlOf(tx), wiping(projectId), part);
  for (const part of inParts(starts)) await wipeSteps(sqlOf(tx), wiping(projectId), part, { outputs: false });
  await tx.execute(
    sql`update steps set reply_body = null, reply_status = null where id = any(${idList(ended)}) and project_id = ${projectId} and reply_body is not null`,
  );
  await wipeTexts(
    tx,
    { projectId, finder, requestId, ids: ended },
    { table: "steps", json: ["connections"] },
  );
  // What an unfinished work order begins with stays until it has ended.
  return those(
    tx,
    ended,
    sql`not exists (
          select 1 from steps s join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
          where s.id = i.id and s.project_id = ${projectId} and d.body is not null and d.name is null) or i.id = any(${idList(starts)})`,
  );
};

/** What runs themselves say: their errors, and the keys of their lines. */
export const emptyRuns: Wiper = async (tx, { projectId, ids }) => {
  const ended = await those(
    tx,
    ids,
    sql`not exists (select 1 from runs r where r.id = i.id and r.project_id = ${projectId} and ${unfinished})`,
  );
  await tx.execute(
    sql`update runs set error_message = null, order_key = null where id = any(${idList(ended)}) and project_id = ${projectId}
          and (error_message is not null or order_key is not null)`,
  );
  return ended;
};

/** Stored states, also those with a name, which they lose. What a work order that has not ended begins with waits. */
export const states: Wiper = async (tx, { projectId, ids }: ToWipe) => {
  await tx.execute(
    sql`select id from dataclips where id = any(${idList(ids)}) and project_id = ${projectId} order by id for update`,
  );
  const free = await those(
    tx,
    ids,
    sql`not exists (select 1 from work_orders u where u.dataclip_id = i.id and u.project_id is not distinct from ${projectId}
          and ${sql.raw(isUnfinished("u.state"))})
        and not exists (select 1 from runs r where r.project_id = ${projectId} and ${unfinished} and r.dataclip_id = i.id)`,
  );
  await tx.execute(
    sql`update stored_states set name = null, body = null, sealed = null, ${sql.raw(withoutMessage)}, wiped_at = coalesce(wiped_at, clock_timestamp()), wiped_for = 'person'
        where id = any(${idList(free)}) and project_id = ${projectId}`,
  );
  return free;
};
