import { sql } from "drizzle-orm";
import { stopIfHungUp } from "@/db/deadline";
import { queryOf, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { isOfMessage } from "@/lib/domain/run/of-message";
import type { JsonPath } from "@/lib/json-path";
import { LruMap } from "@/lib/lru-map";
import { type Placed, withBodies } from "@/lib/payloads/read";
import { type MessageInput, stateOfMessage } from "@/lib/workflow/message-state";
import { everything, type HiddenTexts } from "./hidden-texts";
import { hiddenIn } from "./veil";

/** A message, or the work order of runs without one. Of neither nothing is known. */
export type Subject = { messageId: string | null; workOrderId?: string | null };

export const subjectKey = ({ messageId, workOrderId }: Subject): string =>
  messageId ? `m:${messageId}` : workOrderId ? `o:${workOrderId}` : "";

/** How many bytes are read of one subject, and of all that are asked for at once, and how many states of one. */
const most = { bytes: 12_000_000, together: 32_000_000, states: 1_000 } as const;

/** Looking through states again for each page of a log would be most of its work. */
const cache = new LruMap<string, HiddenTexts>(500, 4_000_000);

type Clip = { key: string; id: string | null; size: number; isThere: boolean };

/**
 * What is hidden of each subject: what stands where the paths lead in the message and in every state that its steps began
 * with and handed on. `everything` where one of these is wiped or was never kept, or where they are too large to look
 * through.
 */
export async function knownOf(
  ctx: Pick<Context, "db" | "project">,
  subjects: readonly Subject[],
  paths: readonly JsonPath[],
): Promise<Map<string, HiddenTexts>> {
  const messageIds = [...new Set(subjects.flatMap(({ messageId }) => messageId ?? []))];
  const orderIds = [
    ...new Set(subjects.flatMap(({ messageId, workOrderId }) => (messageId ? [] : (workOrderId ?? [])))),
  ];
  const found = new Map<string, HiddenTexts>();
  if (messageIds.length + orderIds.length === 0) return found;
  const [clips, messages] = await Promise.all([
    clipsOf(ctx, messageIds, orderIds),
    rows<Clip>(
      ctx.db,
      sql`select 'm:' || id as key, null::uuid as id, case when payload is null then octet_length(body) else size end as size,
            octet_length(body) > 0 or payload is not null or size = 0 as "isThere"
          from messages where project_id = ${ctx.project.id} and id = any(${sql.param(messageIds)}::uuid[])`,
    ),
  ]);
  const sources = byKey([...messages, ...clips]);
  const there = new Set(messages.map(({ key }) => key));
  const bound = [ctx.project.id, ...paths.map(({ text }) => text)].join("\n");
  let left = most.together;
  for (const key of [...messageIds.map((id) => `m:${id}`), ...orderIds.map((id) => `o:${id}`)]) {
    const states = sources.get(key) ?? [];
    const bytes = states.reduce((sum, { size }) => sum + size, 0);
    const isWhole = (key.startsWith("o:") || there.has(key)) && states.every(({ isThere }) => isThere);
    if (!isWhole || states.length > most.states || bytes > most.bytes) {
      found.set(key, everything);
      continue;
    }
    const name = `${bound} ${key} ${states.map(({ id, size }) => id ?? size).join(" ")}`;
    const known = cache.get(name);
    if (known === undefined && bytes > left) {
      found.set(key, everything);
      continue;
    }
    if (known === undefined) {
      left -= bytes;
      stopIfHungUp();
    }
    const hidden = known ?? (await look(ctx, key, states, paths));
    if (known === undefined) cache.set(name, hidden, hidden.chars + name.length);
    found.set(key, hidden);
  }
  return found;
}

function byKey(states: readonly Clip[]): Map<string, Clip[]> {
  const groups = new Map<string, Clip[]>();
  for (const state of states) {
    const group = groups.get(state.key);
    if (group) group.push(state);
    else groups.set(state.key, [state]);
  }
  return groups;
}

/** The states of every run of the subjects, and one that is not there for each that was not kept. */
const clipsOf = (
  { db, project }: Pick<Context, "db" | "project">,
  messageIds: string[],
  orderIds: string[],
): Promise<Clip[]> =>
  rows<Clip>(
    db,
    sql`with of as (
          select 'm:' || r.message_id as key, r.id, r.dataclip_id from runs r
            where ${isOfMessage("r", project.id, sql`o.message_id = any(${sql.param(messageIds)}::uuid[])`)}
          union all
          select 'o:' || work_order_id, id, dataclip_id from runs
            where work_order_id = any(${sql.param(orderIds)}::uuid[]) and message_id is null and project_id = ${project.id}
        ), step as (
          select of.key, s.input_dataclip_id, s.output_dataclip_id, s.exit_reason from of join steps s on s.run_id = of.id
            and s.project_id = ${project.id}
        ), clip as (
          select key, dataclip_id as id from of where dataclip_id is not null
          union select key, input_dataclip_id from step where input_dataclip_id is not null
          union select key, output_dataclip_id from step where output_dataclip_id is not null
        )
        select clip.key, clip.id, coalesce(octet_length(d.body), 0) as size, d.body is not null as "isThere"
          from clip left join dataclips d on d.id = clip.id and d.project_id = ${project.id}
        union all
        select distinct key, null::uuid, 0, false from step where exit_reason = 'success' and output_dataclip_id is null
        order by 1, 2`,
  );

async function look(
  ctx: Pick<Context, "db" | "project">,
  key: string,
  states: readonly Clip[],
  paths: readonly JsonPath[],
): Promise<HiddenTexts> {
  const id = key.slice("m:".length);
  const clipIds = states.flatMap((state) => state.id ?? []);
  const [messages, clips] = await Promise.all([
    key.startsWith("m:")
      ? rows<MessageInput & Placed>(
          ctx.db,
          sql`select method, path, query, headers, format, body, payload, view, reading from messages
              where id = ${id}::uuid and project_id = ${ctx.project.id}`,
        )
      : [],
    rows<{ body: string | null }>(
      ctx.db,
      sql`select body from dataclips where project_id = ${ctx.project.id} and id = any(${sql.param(clipIds)}::uuid[])`,
    ),
  ]);
  if (clips.length < clipIds.length || clips.some(({ body }) => body === null)) return everything;
  await withBodies(queryOf(ctx.db), ctx.project.id, messages);
  try {
    const ofMessages = await Promise.all(messages.map(stateOfMessage));
    return hiddenIn([...ofMessages, ...clips.flatMap(({ body }) => body ?? [])], paths);
  } catch {
    // A body that this process cannot read, or a state that is nested too deep.
    return everything;
  }
}
