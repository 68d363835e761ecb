import { type SQL, sql } from "drizzle-orm";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { PersonKind } from "@/lib/words";
import { type Item, type Place, Where } from "./place";

/** Columns that people, senders or jobs write into, of a table with `project_id` and `id`. */
export type TextTable = {
  table: string;
  name: string;
  kind: PersonKind;
  columns: string[];
  /** SQL over the row `t` for what it belongs to and when it was written. */
  messageId?: string;
  runId?: string;
  at?: string;
  /** What its index goes by after the project; it tells no time, so that all of it is looked at. */
  orderedBy?: string;
  pageRows: number;
};

/** Looked through column by column. What else the tables hold: places.test.ts. */
export const textTables: TextTable[] = [
  {
    table: "issues",
    name: "issues",
    kind: "issue",
    columns: ["title"],
    runId: "t.last_run_id",
    at: "t.last_seen_at",
    orderedBy: "seen_id",
    pageRows: 500,
  },
  {
    table: "reveals",
    name: "reasons for seeing what is masked",
    kind: "note",
    columns: ["reason"],
    messageId: "t.message_id",
    pageRows: 500,
  },
  { table: "notices", name: "notices", kind: "notice", columns: ["subject", "error"], pageRows: 500 },
  {
    table: "audit_events",
    name: "the audit",
    kind: "audit",
    columns: ["item_id", "before", "after"],
    pageRows: 500,
  },
  {
    table: "bulk_acts",
    name: "bulk acts",
    kind: "bulk_act",
    columns: ["name", "filter", "problem"],
    pageRows: 500,
  },
  { table: "snapshots", name: "workflows", kind: "code", columns: ["graph", "note"], pageRows: 10 },
  { table: "drafts", name: "workflows", kind: "code", columns: ["graph", "note"], pageRows: 10 },
  {
    table: "workflows",
    name: "workflows",
    kind: "code",
    columns: ["name", "order_key", "positions"],
    orderedBy: "id",
    pageRows: 500,
  },
  {
    table: "library_jobs",
    name: "the library",
    kind: "code",
    columns: ["name", "description"],
    pageRows: 500,
  },
  { table: "library_versions", name: "the library", kind: "code", columns: ["body", "note"], pageRows: 200 },
  {
    table: "notice_channels",
    name: "settings",
    kind: "setting",
    columns: ["name", "host", "last_error"],
    pageRows: 500,
  },
  {
    table: "keychain_credentials",
    name: "settings",
    kind: "setting",
    columns: ["name", "path"],
    orderedBy: "id",
    pageRows: 500,
  },
  {
    table: "collections",
    name: "settings",
    kind: "setting",
    columns: ["name"],
    orderedBy: "id",
    pageRows: 500,
  },
  { table: "auth_methods", name: "settings", kind: "setting", columns: ["name", "username"], pageRows: 500 },
];

const text = (column: string): SQL => sql.raw(`t."${column}"::text`);

/** A table's texts, column by column. */
export const tablePlace = ({ table, name, kind, columns, pageRows, ...of }: TextTable): Place => ({
  name,
  async page({ db, projectId, until, cursor, finder }) {
    const order = sql.raw(`t.${of.orderedBy ?? "id"}`);
    const ofProject = keyset([[sql`t.project_id`, projectId]], order, {
      after: cursor ?? undefined,
      before: of.orderedBy ? undefined : until,
    });
    const texts = sql.join(
      columns.map((column) => text(column)),
      sql`, `,
    );
    const page = await rows<{
      id: string;
      place: string;
      texts: (string | null)[];
      at: Date | string;
      messageId: string | null;
      runId: string | null;
    }>(
      db,
      sql`/* checked: the ofProject names the project */ select t.id, ${order} as place, array[${texts}] as texts, ${sql.raw(of.at ?? "t.created_at")} as at,
            ${sql.raw(of.messageId ?? "null::uuid")} as "messageId", ${sql.raw(of.runId ?? "null::uuid")} as "runId"
          from ${sql.raw(table)} t where ${ofProject.where}
          order by ${ofProject.oldestFirst} limit ${pageRows}`,
    );
    const items: Item[] = [];
    for (const row of page) {
      const where = new Where();
      for (const [i, value] of row.texts.entries())
        if (value !== null) where.add(columns[i] ?? "", await finder.json(value));
      if (!where.isFound) continue;
      const { messageId, runId } = row;
      const found = { places: where.places, excerpt: where.excerpt, at: new Date(row.at) };
      items.push({ kind, itemId: row.id, via: "found", source: table, messageId, runId, ...found });
    }
    return { items, seen: page.length, cursor: page.length < pageRows ? null : (page.at(-1)?.place ?? null) };
  },
});

/** The project's own row. */
export const projectPlace: Place = {
  name: "settings",
  async page({ db, projectId, finder }) {
    const [row] = await rows<{ texts: string; at: Date | string }>(
      db,
      sql`select (to_jsonb(p) - ${sql.param(["id", "inbox_id", "deletion_scheduled_by", "paused_by"])}::text[])::text as texts, p.created_at as at
          from projects p where p.id = ${projectId}::uuid`,
    );
    const found = row && (await finder.json(row.texts));
    if (!found) return { items: [], seen: 1, cursor: null };
    const item: Item = {
      kind: "setting",
      itemId: projectId,
      via: "found",
      places: ["settings"],
      excerpt: found.excerpt,
      at: new Date(row.at),
      source: "projects",
    };
    return { items: [item], seen: 1, cursor: null };
  },
};
