import type { InboxAnswer } from "@/lib/inbox/answer";
import { testDatabase } from "./database";

/** Projects that have everything twice, in worlds that are to be compared. The names of ids are the same in every world. */
export type InboxWorld = { projects: Record<string, string>; names: Map<string, string> };

type Row = Record<string, unknown>;

const query = (text: string, values: unknown[] = []) => testDatabase().query(text, values);

/** `columns`: the type of each. */
export async function insertRows(table: string, rows: Row[], columns: Record<string, string>): Promise<void> {
  const names = Object.keys(columns).join(", ");
  const types = Object.entries(columns).map((column) => column.join(" "));
  await query(
    `insert into ${table} (${names}) select ${names} from jsonb_to_recordset($1::jsonb) x (${types.join(", ")})`,
    [JSON.stringify(rows)],
  );
}

/** All that the messages of a world came to, without ids and times. */
export async function inboxRows({ projects, names }: InboxWorld) {
  const ids = Object.values(projects);
  const named = (value: unknown) => (typeof value === "string" ? (names.get(value) ?? value) : value);
  const read = async (text: string) =>
    (await query(text, [ids])).map((row) => JSON.stringify(Object.values(row).map(named))).toSorted();
  const index = "(m.headers->>'x-index')::int";
  return {
    messages: await read(
      `select ${index}, project_id, source, trigger_id, method, path, query, headers - 'x-index', content_type, format, encode(body, 'hex'), view, reading, size, preview, matches
       from messages m where project_id = any($1)`,
    ),
    // Which of several workflows has no run left goes by their ids.
    orders: await read(
      `select ${index}, o.project_id, case when p.runs_per_month is null then o.workflow_id end, o.state, o.rejected_for, o.dataclip_id
       from work_orders o join messages m on m.id = o.message_id join projects p on p.id = o.project_id where o.project_id = any($1)`,
    ),
    runs: await read(
      `select ${index}, r.project_id, case when p.runs_per_month is null then r.workflow_id end, r.state, r.priority, r.order_key, r.waits_for, r.message_id = o.message_id
       from runs r join work_orders o on o.id = r.work_order_id join messages m on m.id = r.message_id join projects p on p.id = r.project_id where r.project_id = any($1)`,
    ),
    lines: await read(
      `select r.order_key, string_agg(m.headers->>'x-index', ',' order by r.id) from runs r join messages m on m.id = r.message_id
       where r.project_id = any($1) and r.order_key is not null group by 1`,
    ),
    outbox: await read(
      `select ${index}, x.project_id, x.event, case when p.runs_per_month is null then x.data->>'workflowId' end, x.data->>'priority' from outbox x
       join runs r on r.id = (x.data->>'runId')::uuid join messages m on m.id = r.message_id join projects p on p.id = x.project_id where x.project_id = any($1)`,
    ),
    deliveries: await read(
      `select ${index}, d.project_id, d.url_id, d.times, d.is_reused from deliveries d join messages m on m.id = d.message_id where d.project_id = any($1)`,
    ),
    refused: await read(
      `select (r.headers->>'x-index')::int, r.project_id, r.trigger_id, r.cause, r.status, encode(r.body, 'hex'), r.size from refused_requests r where r.project_id = any($1)`,
    ),
    counts: (
      await query(
        "select counted_id as id, sum(count)::int as count from arrival_counts where counted_id = any($1) group by 1",
        [[...names.keys()]],
      )
    )
      .map(({ id, count }) => `${named(id)}: ${count}`)
      .toSorted(),
  };
}

/** What a sender is told, but for ids and times. */
export const toldOf = ({ status, body, headers, accepted }: InboxAnswer) => [
  status,
  headers["x-waybill-repeat"],
  accepted?.runs,
  body
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|(?<=retry_after":)\d+|\d+ ?s(econds?)?\b/g, "…")
    .replaceAll(/…(","…)+/g, "…"),
];
