import { sql } from "drizzle-orm";
import type { z } from "zod";
import { keyset, rowByRow } from "@/db/keyset";
import { iso, isoOrNull, rows } from "@/db/rows";
import { open } from "@/lib/crypto/envelope";
import type { Context } from "@/lib/domain/context";
import { type Page, toPage, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import type { PersonKind } from "@/lib/words";
import { openKeys, personContext, wordsOf } from "./keys";
import { isWipeable, personKindInfo } from "./kinds";
import { places } from "./places";
import { recipientsOf } from "./recipients";
import {
  listPersonItemsInput,
  listPersonsInput,
  type PersonDetail,
  type PersonItem,
  type PersonRequest,
} from "./schemas";

type Row = Omit<PersonRequest, "keys" | "progress" | "place" | "until" | "createdAt" | "endedAt"> & {
  sealed: string | null;
  place: number;
  part: number;
  until: string;
  createdAt: Date | string;
  endedAt: Date | string | null;
};

const selectRequests = sql`/* checked: whoever asks with it names the project */ select p.id, p.state, p.sealed, p.key_count as "keyCount",
    p.place, p.part, p.until, p.seen, p.found, p.waiting, p.wiped, p.reason, p.problem,
    (select c.id from wipe_certificates c where c.request_id = p.id and c.project_id = p.project_id limit 1) as "certificateId",
    p.created_by_label as "createdBy", p.created_at as "createdAt", p.ended_at as "endedAt"
  from person_requests p`;

function requestOf(
  { project }: Context,
  { sealed, place, part, until, createdAt, endedAt, ...row }: Row,
): PersonRequest {
  const isLooking = row.state === "scanning" || row.state === "verifying";
  return {
    ...row,
    keys: keysOf(project.id, sealed),
    progress: isLooking ? Math.min(1, (place + part) / places.length) : 1,
    place: isLooking ? (places[place]?.name ?? null) : null,
    until: new Date(Number.parseInt(until.replaceAll("-", "").slice(0, 12), 16)).toISOString(),
    createdAt: iso(createdAt),
    endedAt: isoOrNull(endedAt),
  };
}

/** Null where they are thrown away, or the key that sealed them is gone. */
function keysOf(projectId: string, sealed: string | null): string[] | null {
  if (sealed === null) return null;
  try {
    return openKeys(projectId, sealed).map(wordsOf);
  } catch {
    return null;
  }
}

/** The project's searches for people's data, newest first. */
export async function listPersons(
  ctx: Context,
  input: z.input<typeof listPersonsInput> = {},
): Promise<Page<PersonRequest>> {
  requirePermission(ctx, "person.read");
  const { cursor, limit } = listPersonsInput.parse(input);
  const ofProject = keyset([[sql`p.project_id`, ctx.project.id]], sql`p.id`, { before: cursor });
  const found = await rows<Row>(
    ctx.db,
    sql`${selectRequests} where ${ofProject.where} order by ${ofProject.newestFirst} limit ${limit + 1}`,
  );
  const { items, nextCursor } = toPage(found, limit);
  return { items: items.map((row) => requestOf(ctx, row)), nextCursor };
}

/** One search, of whoever may see it. Throws `not_found`. */
export async function readPerson(ctx: Context, id: string): Promise<PersonRequest> {
  const [row] = await rows<Row>(
    ctx.db,
    sql`${selectRequests} where p.id = ${id}::uuid and p.project_id = ${ctx.project.id}`,
  );
  if (!row) throw notFound("The search");
  return requestOf(ctx, row);
}

/** One search, what holds the person's data, by kind, and whom jobs sent something of it to. Throws `not_found`. */
export async function getPerson(ctx: Context, id: string): Promise<PersonDetail> {
  requirePermission(ctx, "person.read");
  const request = await readPerson(ctx, id);
  const counts = await rows<PersonDetail["kinds"][number]>(
    ctx.db,
    sql`select kind, count(*)::int as count, (count(*) filter (where via = 'found'))::int as found,
          (count(*) filter (where wiped_at is not null))::int as wiped
        from person_items where request_id = ${id}::uuid and project_id = ${ctx.project.id} group by kind`,
  );
  const kinds = (Object.keys(personKindInfo) as PersonKind[]).flatMap((kind) => {
    const of = counts.find((one) => one.kind === kind);
    const { one, many, wiping, says } = personKindInfo[kind];
    const info = { canBeWiped: isWipeable(kind), isAskedFor: wiping === "asked", says };
    return of ? [{ ...of, ...info, name: of.count === 1 ? one : many }] : [];
  });
  return { ...request, kinds, recipients: await recipientsOf(ctx, id) };
}

const highestSeq = "9223372036854775807";

type ItemRow = Omit<PersonItem, "at" | "wipedAt"> & { at: Date | string; wipedAt: Date | string | null };

/** The things that a search found, in the order in which it found them. Throws `not_found`. */
export async function listPersonItems(
  ctx: Context,
  input: z.input<typeof listPersonItemsInput>,
): Promise<Page<PersonItem>> {
  requirePermission(ctx, "person.read");
  const { id, kind, cursor = 0, limit } = listPersonItemsInput.parse(input);
  await readPerson(ctx, id);
  const found = await rows<ItemRow>(
    ctx.db,
    sql`select seq::float8 as seq, kind, item_id as "itemId", source, via, places, excerpt, at, message_id as "messageId", run_id as "runId",
          is_chosen as "isChosen", wiped_at as "wipedAt"
        from person_items where (request_id, kind, seq) > (${id}::uuid, ${kind}::text, ${cursor}::bigint)
          and (request_id, kind, seq) <= (${id}::uuid, ${kind}::text, ${highestSeq}::bigint)
          and ${rowByRow(sql`project_id = ${ctx.project.id}`)}
        order by request_id, kind, seq limit ${limit + 1}`,
  );
  const { items, nextCursor } = toPageBy(found, limit, ({ seq }) => String(seq));
  return { items: items.map((row) => itemOf(ctx, row)), nextCursor };
}

function itemOf({ project }: Context, { excerpt, at, wipedAt, ...row }: ItemRow): PersonItem {
  return { ...row, excerpt: opened(project.id, excerpt), at: iso(at), wipedAt: isoOrNull(wipedAt) };
}

function opened(projectId: string, excerpt: string | null): string | null {
  if (excerpt === null) return null;
  try {
    return open(excerpt, personContext(projectId));
  } catch {
    return null;
  }
}
