import { and, desc, eq, sql } from "drizzle-orm";
import type { IdRange } from "@/db/keyset";
import { iso, queryOf, rows } from "@/db/rows";
import { deliveries, messages } from "@/db/schema";
import type { Reading } from "@/lib/body/reading";
import { plainBytes, plainText } from "@/lib/body/stored";
import { actorUserId, type Context } from "@/lib/domain/context";
import { idRange } from "@/lib/domain/id-range";
import { masked } from "@/lib/domain/mask/hidden-texts";
import { veilFor } from "@/lib/domain/mask/mask";
import { veiledMessage, veiledReading } from "@/lib/domain/mask/message";
import { maskedHereOf } from "@/lib/domain/mask/reveal";
import type { Veil } from "@/lib/domain/mask/veil";
import { requirePermission } from "@/lib/domain/permissions";
import { refusedRows } from "@/lib/domain/refused/list";
import { type ExactJson, parseExact, stringifyExact } from "@/lib/exact-json";
import { withBody } from "@/lib/payloads/read";
import { notFound } from "@/lib/refusal";
import { sqlJsonText } from "@/lib/sql-json";
import type { MessageFormat } from "@/lib/words";
import type { Json } from "@/lib/workflow/types";
import { type MessageFilter, messageFilter } from "./filter";
import { historyOf, veiledOrder } from "./history";
import { filteredIds, type Order } from "./ids";
import { messageRows } from "./list";
import type { MessageDetail } from "./types";

/** More of a body than this is a download, not a page. */
const shownBytes = 256_000;
/** Job states that are named, those that need attention first; of all there are pages (job-states.ts). */
const namedJobs = 50;
/** Runs that are named: the newest. Of all there are pages (history.ts). */
const shownRuns = 25;
/** Copies that are named: the newest. */
const shownCopies = 50;

type Payload = {
  path: string[];
  query: Record<string, Json>;
  headers: MessageDetail["headers"];
  body: Uint8Array;
  payload: string | null;
  view: Json | null;
  reading: Reading | null;
  sentBy: string | null;
};

/** Everything that ever happened to one message: the receipt inspector. `filter` is the list it was opened from. */
export async function getMessage(
  ctx: Context,
  id: string,
  filter: MessageFilter = {},
): Promise<MessageDetail> {
  requirePermission(ctx, "message.read");
  const [row] = await messageRows(ctx, [id], namedJobs);
  if (!row) throw notFound("The message");
  const subject = { messageId: id };
  const [veil, here, payload, resends, tests, delivery, refused, history, hasWorkflows, neighbours] =
    await Promise.all([
      veilFor(ctx, subject),
      maskedHereOf(ctx, subject),
      payloadOf(ctx, id),
      resendsOf(ctx, id),
      testsOf(ctx, id),
      deliveryOf(ctx, id),
      refusedOf(ctx, id),
      historyOf(ctx, id, { limit: shownRuns }),
      anyWorkflow(ctx),
      neighboursOf(ctx, id, messageFilter.parse(filter)),
    ]);
  return {
    ...row,
    ...here,
    projectId: ctx.project.id,
    sentBy: payload.sentBy,
    ...(veil.isOpen ? await shownOf(payload, row) : await veiledOf(veil, payload, row)),
    resends,
    tests,
    delivery,
    refused,
    workOrders: history.items.map((order) => veiledOrder(veil, order)),
    earlier: history.nextCursor,
    hasWorkflows,
    ...neighbours,
  };
}

/** The tests that a request to a test URL made. */
const testsOf = (ctx: Context, id: string): Promise<MessageDetail["tests"]> =>
  rows<MessageDetail["tests"][number]>(
    ctx.db,
    sql`select t.id, d.workflow_id as "workflowId", w.name as "workflowName", coalesce(u.name, u.email) as owner,
          d.user_id is not distinct from ${actorUserId(ctx.actor)}::uuid as "isMine"
        from test_runs t join drafts d on d.id = t.draft_id join workflows w on w.id = d.workflow_id join users u on u.id = d.user_id
        where t.message_id = ${id}::uuid and t.project_id = ${ctx.project.id}::uuid and t.source = 'url' order by t.id`,
  );

type Said = Pick<MessageDetail, "path" | "query" | "headers" | "reading" | "body" | "view">;
type Format = Pick<MessageDetail, "format" | "method">;

async function shownOf(payload: Payload, { format }: Format): Promise<Said> {
  const { path, query, headers, reading } = payload;
  return { path, query, headers, reading, ...(await bodyOf(payload, format)) };
}

/** Of a body that is no JSON only its view is shown: what it says can be spelt in too many ways. */
async function veiledOf(veil: Veil, payload: Payload, { format, method }: Format): Promise<Said> {
  const { path, query, headers, data } = await veiledMessage(veil, { ...payload, format, method });
  const reading = veiledReading(veil, payload.reading);
  const content =
    payload.body.length === 0
      ? ""
      : format === "json"
        ? stringifyExact(data)
        : typeof data === "string"
          ? data
          : masked;
  const truncated = content.length > shownBytes;
  const isTree = !truncated && format !== "json" && typeof data === "object";
  return {
    ...{ path, query, headers, reading },
    body: { encoding: "text", content: content.slice(0, shownBytes), truncated },
    view: isTree && payload.body.length > 0 ? data : undefined,
  };
}

async function resendsOf(ctx: Context, id: string): Promise<MessageDetail["resends"]> {
  const found = await ctx.db
    .select({ id: messages.id, receivedAt: messages.receivedAt })
    .from(messages)
    .where(and(eq(messages.projectId, ctx.project.id), eq(messages.resentFrom, id)))
    .orderBy(desc(messages.id))
    .limit(shownCopies);
  return found.reverse().map((resend) => ({ id: resend.id, receivedAt: iso(resend.receivedAt) }));
}

async function deliveryOf(ctx: Context, id: string): Promise<MessageDetail["delivery"]> {
  const { times, lastAt, isReused } = deliveries;
  const [row] = await ctx.db
    .select({ times, lastAt, isReused })
    .from(deliveries)
    .where(and(eq(deliveries.projectId, ctx.project.id), eq(deliveries.messageId, id)));
  return row ? { ...row, lastAt: iso(row.lastAt) } : null;
}

/** How it came in, when a person accepted it: its refused request has its id. */
async function refusedOf(ctx: Context, id: string): Promise<MessageDetail["refused"]> {
  const [row] = await refusedRows(ctx, { only: id, limit: 1 });
  if (!row?.acceptedAt) return null;
  const { cause, why, acceptedAt, acceptedBy } = row;
  return { cause, why, acceptedAt, acceptedBy };
}

async function payloadOf(ctx: Context, id: string): Promise<Payload> {
  const [payload] = await rows<Payload>(
    ctx.db,
    sql`select m.path, m.query, m.headers, m.body, m.payload, m.view, m.reading, u.email as "sentBy" from messages m left join users u on u.id = m.sent_by
        where m.project_id = ${ctx.project.id} and m.id = ${id}`,
  );
  if (!payload) throw notFound("The message");
  return withBody(queryOf(ctx.db), ctx.project.id, payload);
}

/** The body without its content codings: text as it was read, or base64. */
async function bodyOf(
  { body, view, reading }: Payload,
  format: MessageFormat,
): Promise<Pick<MessageDetail, "body" | "view">> {
  const stored = { format, body, reading };
  const text = await plainText(stored);
  const bytes = text === undefined ? await plainBytes(stored) : null;
  const truncated = (bytes?.length ?? Math.max(text?.length ?? 0, body.length)) > shownBytes;
  const content = bytes
    ? Buffer.from(bytes.subarray(0, shownBytes)).toString("base64")
    : (text ?? "").slice(0, shownBytes);
  const shown = { encoding: bytes ? "base64" : "text", content, truncated } as const;
  // A text is shown as one.
  if (truncated || format === "text") return { body: shown, view: undefined };
  const read = format === "json" && text !== undefined ? parse(text) : undefined;
  return { body: shown, view: read === undefined ? (view ?? undefined) : read };
}

function parse(text: string): ExactJson | undefined {
  try {
    return parseExact(sqlJsonText(text));
  } catch {
    return undefined;
  }
}

async function anyWorkflow({ db, project }: Context): Promise<boolean> {
  const found = await rows(
    db,
    sql`select 1 from workflows where project_id = ${project.id} and deleted_at is null limit 1`,
  );
  return found.length > 0;
}

async function neighboursOf(
  ctx: Context,
  id: string,
  filter: MessageFilter,
): Promise<Pick<MessageDetail, "newer" | "older">> {
  const at = async (order: Order, range: IdRange) => {
    const [row] = await rows<{ id: string }>(
      ctx.db,
      filteredIds(filter, { project: ctx.project.id, range, order, limit: 1 }),
    );
    return row?.id ?? null;
  };
  const [older, newer] = await Promise.all([
    at("newestFirst", idRange({ ...filter, cursor: id })),
    at("oldestFirst", { ...idRange(filter), after: id }),
  ]);
  return { newer, older };
}
