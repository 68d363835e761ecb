import { type SQL, sql } from "drizzle-orm";
import { queryOf, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";

import { type Placed, withBody } from "@/lib/payloads/read";
import type { PersonKind } from "@/lib/words";

/** One thing that is exported, as files of the archive. */
export type ExportedFile = { name: string; bytes: Uint8Array };
export type ExportedItem = { seq: number; kind: PersonKind; itemId: string; source: string | null };

const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

/** What one thing says, as files. Nothing of what is gone meanwhile. */
export async function* contentsOf(ctx: Context, item: ExportedItem): AsyncGenerator<ExportedFile> {
  const { kind, itemId } = item;
  if (kind === "message") yield* messageFiles(ctx, itemId);
  else if (kind === "step") yield* stepFiles(ctx, itemId);
  else if (kind === "input" || kind === "saved_input" || kind === "cursor") yield* clipFiles(ctx, item);
  else yield* rowFile(ctx, item);
}

type Message = Placed & { row: unknown; format: string };

async function* messageFiles(ctx: Context, id: string): AsyncGenerator<ExportedFile> {
  const [message] = await rows<Message>(
    ctx.db,
    sql`select to_jsonb(m) - 'body' - 'payload' as row, m.body, m.payload, m.format from messages m where m.id = ${id}::uuid and m.project_id = ${ctx.project.id}`,
  );
  if (!message) return;
  await withBody(queryOf(ctx.db), ctx.project.id, message);
  yield { name: `messages/${id}.json`, bytes: json(message.row) };
  const ending = endings[message.format] ?? "bin";
  if (message.body.length > 0) yield { name: `messages/${id}.body.${ending}`, bytes: message.body };
}

/** Of bodies as they were sent, compressed where they were. */
const endings: Record<string, string> = { json: "json", xml: "xml", text: "txt", form: "txt" };

async function* stepFiles(ctx: Context, id: string): AsyncGenerator<ExportedFile> {
  const [step] = await rows<{ row: unknown; clipId: string | null }>(
    ctx.db,
    sql`select to_jsonb(s) || jsonb_build_object('attempts', (select coalesce(jsonb_agg(to_jsonb(a) order by a.attempt), '[]') from step_attempts a where a.step_id = s.id)) as row,
          s.output_dataclip_id as "clipId"
        from steps s where s.id = ${id}::uuid and s.project_id = ${ctx.project.id}`,
  );
  if (!step) return;
  yield { name: `steps/${id}.json`, bytes: json(step.row) };
  if (step.clipId) yield* stateFile(ctx, step.clipId, `steps/${id}.output.json`);
  yield* logFiles(ctx, id);
}

const pageLines = 20_000;

async function* logFiles(ctx: Context, stepId: string): AsyncGenerator<ExportedFile> {
  for (let page = 0, after = -1; ; page++) {
    const lines = await rows<{ seq: number; text: string }>(
      ctx.db,
      sql`select l.seq, concat_ws(' ', to_char(l.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), l.level, l.source, l.message) as text
          from steps s join log_lines l on l.step_id = s.id
          where s.id = ${stepId}::uuid and s.project_id = ${ctx.project.id} and l.seq > ${after} order by l.seq limit ${pageLines}`,
    );
    const last = lines.at(-1);
    if (!last) return;
    const text = `${lines.map((line) => line.text).join("\n")}\n`;
    yield { name: `steps/${stepId}.log${page > 0 ? `-${page + 1}` : ""}.txt`, bytes: Buffer.from(text) };
    if (lines.length < pageLines) return;
    after = last.seq;
  }
}

async function* clipFiles(ctx: Context, { kind, itemId }: ExportedItem): AsyncGenerator<ExportedFile> {
  yield* stateFile(ctx, itemId, `${folders[kind] ?? kind}/${itemId}.json`);
}

/** A stored state as it may be shown: values of credentials are not the person's. */
async function* stateFile(ctx: Context, id: string, name: string): AsyncGenerator<ExportedFile> {
  const [clip] = await rows<{ body: string | null }>(
    ctx.db,
    sql`select body from dataclips where id = ${id}::uuid and project_id = ${ctx.project.id}`,
  );
  if (clip?.body) yield { name, bytes: Buffer.from(clip.body) };
}

/** Where each kind's files are, and the table of those that are exported row by row. */
const folders: Partial<Record<PersonKind, string>> = {
  input: "inputs",
  saved_input: "saved-inputs",
  cursor: "cron-starts",
  run: "runs",
  collection_item: "collections",
  refused: "refused-requests",
  issue: "issues",
  audit: "audit",
  bulk_act: "bulk-acts",
  notice: "notices",
  mail: "mails",
  note: "reasons",
  code: "code",
  setting: "settings",
};

const tables: Partial<Record<PersonKind, string>> = {
  run: "runs",
  refused: "refused_requests",
  issue: "issues",
  audit: "audit_events",
  bulk_act: "bulk_acts",
  notice: "notices",
};

async function* rowFile(ctx: Context, { kind, itemId, source }: ExportedItem): AsyncGenerator<ExportedFile> {
  const table = tables[kind] ?? source;
  if (!table || !exported[table]) return;
  const [row] = await rows<{ row: unknown }>(
    ctx.db,
    sql`/* checked: by the condition of the table */ select ${exported[table]} as row from ${sql.raw(table)} t
        where t.id = ${itemId}::uuid and ${ofProject(table, ctx.project.id)}`,
  );
  if (row) yield { name: `${folders[kind] ?? kind}/${itemId}.json`, bytes: json(row.row) };
}

function ofProject(table: string, projectId: string): SQL {
  if (table === "projects") return sql`t.id = ${projectId}::uuid`;
  return table === "mails" ? sql`t.text like ${`%/p/${projectId}%`}` : sql`t.project_id = ${projectId}::uuid`;
}

/** What is exported of a row: never a secret, sealed or not. */
const exported: Record<string, SQL> = {
  runs: sql`to_jsonb(t)`,
  collection_items: sql`jsonb_build_object('id', t.id, 'key', t.key, 'value', t.value, 'createdAt', t.created_at, 'updatedAt', t.updated_at)`,
  refused_requests: sql`(to_jsonb(t) - 'body') || jsonb_build_object('bodyBase64', encode(t.body, 'base64'))`,
  issues: sql`to_jsonb(t)`,
  audit_events: sql`to_jsonb(t)`,
  bulk_acts: sql`to_jsonb(t)`,
  notices: sql`jsonb_build_object('id', t.id, 'kind', t.kind, 'subject', t.subject, 'error', t.error, 'createdAt', t.created_at)`,
  mails: sql`jsonb_build_object('id', t.id, 'subject', t.subject, 'text', t.text, 'createdAt', t.created_at)`,
  reveals: sql`jsonb_build_object('id', t.id, 'reason', t.reason, 'messageId', t.message_id, 'createdAt', t.created_at)`,
  snapshots: sql`jsonb_build_object('id', t.id, 'workflowId', t.workflow_id, 'version', t.lock_version, 'graph', t.graph)`,
  workflows: sql`jsonb_build_object('id', t.id, 'name', t.name, 'orderKey', t.order_key)`,
  library_jobs: sql`jsonb_build_object('id', t.id, 'name', t.name, 'description', t.description)`,
  library_versions: sql`jsonb_build_object('id', t.id, 'version', t.version, 'body', t.body, 'note', t.note)`,
  auth_methods: sql`jsonb_build_object('id', t.id, 'name', t.name, 'username', t.username)`,
  collections: sql`jsonb_build_object('id', t.id, 'name', t.name)`,
  keychain_credentials: sql`jsonb_build_object('id', t.id, 'name', t.name, 'path', t.path)`,
  notice_channels: sql`jsonb_build_object('id', t.id, 'name', t.name, 'host', t.host)`,
  projects: sql`jsonb_build_object('id', t.id, 'name', t.name, 'description', t.description)`,
};
