import { type SQL, sql } from "drizzle-orm";
import { queryOf, rows } from "@/db/rows";
import { searchableTexts } from "@/lib/body/searchable";
import type { Context } from "@/lib/domain/context";
import { idsBeginningWith } from "@/lib/domain/id-range";
import { maskFor } from "@/lib/domain/mask/mask";
import { veiledTexts } from "@/lib/domain/mask/message";
import { openVeil, type Veil } from "@/lib/domain/mask/veil";
import { searchedBytes } from "@/lib/domain/message/candidates";
import { direction } from "@/lib/domain/message/ids";
import { type SearchedBody, type SearchIn, searchedBody } from "@/lib/domain/message/search";
import { projectTerms } from "@/lib/domain/redacted-terms";
import { isLogGone } from "@/lib/domain/retention/gone-logs";
import { type Candidate, type Hit, searchInOrder } from "@/lib/domain/text-search";
import { withBodiesLeft } from "@/lib/payloads/read";
import { Seeker } from "@/lib/search/seeker";
import { withoutEscapes } from "@/lib/search/spelling";
import type { Term } from "@/lib/search/terms";
import { linesAfter } from "./lines-after";

/** How many runs one call reads at most, and what a line of log comes to before it is read. */
const windowRuns = 500;
const lineBytes = 200;

/** How much of logs is read at a time. */
const logPageLines = 5_000;
const logPageBytes = 1_000_000;

const input = sql`left join work_orders o on o.id = r.work_order_id and o.project_id = r.project_id
  left join messages m on m.id = r.message_id and m.project_id = r.project_id
  left join dataclips d on d.id = coalesce(r.dataclip_id, o.dataclip_id) and d.project_id = r.project_id`;

/**
 * The runs of a scope that have every word of a text in their message or other input, their errors or their logs, or that
 * it is the beginning of the id of, of their work order or of their message. `scopeOf` selects at most so many ids, in
 * order. What is stored without being shown is not searched, nor what is masked for whoever asks.
 */
export async function searchRuns(
  ctx: Context,
  { text, limit, scopeOf, order = "newestFirst" }: SearchIn<(limit: number) => SQL>,
): Promise<{ hits: Map<string, Hit>; nextCursor: string | null }> {
  const project = ctx.project.id;
  const candidates = await rows<Candidate>(
    ctx.db,
    sql`with scope as materialized (${scopeOf(windowRuns)})
        select r.id, (case when m.id is null then 0 else ${searchedBytes(sql`m`)} end + coalesce(octet_length(d.body), 0)
            + ${lineBytes}::int * (select coalesce(sum(s.log_lines), 0) from steps s where s.run_id = r.id and s.project_id = ${project}))::float8 as bytes
        from scope join runs r on r.id = scope.id and r.project_id = ${project} ${input} order by r.id ${direction(order)}`,
  );
  const terms = await projectTerms(ctx, text);
  const match = (batch: string[]) => matchRuns(ctx, { batch, terms, text });
  const goOn = candidates.length === windowRuns ? (candidates.at(-1)?.id ?? null) : null;
  return searchInOrder({ candidates, goOn, limit, match });
}

type Facts = Omit<SearchedBody, "format"> & {
  id: string;
  messageId: string | null;
  workOrderId: string;
  format: SearchedBody["format"] | null;
  byId: boolean;
  input: string | null;
  errors: string[];
};

async function matchRuns(
  ctx: Context,
  { batch, terms, text }: { batch: string[]; terms: Term[]; text: string },
): Promise<Map<string, Hit>> {
  const project = ctx.project.id;
  const ids = idsBeginningWith(text);
  const isOne = (id: SQL) => (ids ? sql`${id} between ${ids.from} and ${ids.to}` : sql`false`);
  const found = await rows<Facts>(
    ctx.db,
    sql`select r.id, (${isOne(sql`r.id`)} or ${isOne(sql`r.work_order_id`)} or coalesce(${isOne(sql`r.message_id`)}, false)) as "byId",
          r.message_id as "messageId", r.work_order_id as "workOrderId", d.body as input, ${searchedBody(sql`m`)},
          array_remove(array[r.error_type, r.error_message] || array(select unnest(array[s.error_type, s.error_message])
            from steps s where s.run_id = r.id and s.project_id = ${project} and s.error_type is not null order by s.ordinal), null) as errors
        from runs r ${input} where r.project_id = ${project} and r.id = any(${sql.param(batch)}::uuid[])`,
  );
  const mask = await maskFor(ctx);
  if (!mask) await withBodiesLeft(queryOf(ctx.db), project, found);
  const veilOf = mask ? await mask.veils(found) : () => openVeil;
  const messageIds = found.flatMap(({ messageId }) => messageId ?? []);
  const said = mask ? await veiledTexts(ctx, veilOf, messageIds) : undefined;
  const seekers = new Map<string, Looked>();
  for (const { id, format, messageId, workOrderId, ...facts } of found) {
    const seeker = new Seeker(terms);
    const veil = veilOf({ messageId, workOrderId });
    seekers.set(id, { seeker, veil });
    seeker.look(veil.text(facts.errors.join("\n")));
    const input = facts.input === null ? null : veil.state(facts.input);
    if (input !== null) seeker.look((await withoutEscapes("json", input)) ?? input);
    if (said) seeker.look(said.get(messageId ?? "") ?? "");
    else if (format !== null) await seeker.lookThrough(searchableTexts({ format, ...facts }));
  }
  await lookInLogs(ctx, seekers);
  const hits = new Map<string, Hit>();
  for (const { id, byId } of found) {
    const seeker = seekers.get(id)?.seeker;
    if (seeker?.isDone) hits.set(id, { excerpt: seeker.excerpt });
    else if (byId) hits.set(id, {});
  }
  return hits;
}

type Looked = { seeker: Seeker; veil: Veil };
type Line = {
  runId: string;
  stepId: string;
  seq: number;
  message: string;
  isFinished: boolean;
  ofLines: number;
};

/** Logs are read a page at a time, however long one is. */
async function lookInLogs(ctx: Context, seekers: ReadonlyMap<string, Looked>): Promise<void> {
  let after = { stepId: "00000000-0000-0000-0000-000000000000", seq: -1 };
  for (;;) {
    const open = [...seekers].filter(([, { seeker }]) => !seeker.isDone).map(([id]) => id);
    if (open.length === 0) return;
    const lines = await logPage(ctx, open, after);
    const texts = new Map<string, string[]>();
    for (const { runId, message, isFinished } of lines) {
      // What a step that runs has found out is not known to be hidden yet (lib/domain/run/logs.ts).
      if (!isFinished && !seekers.get(runId)?.veil.isOpen) continue;
      const messages = texts.get(runId) ?? [];
      messages.push(message);
      texts.set(runId, messages);
    }
    for (const [runId, messages] of texts) {
      const looked = seekers.get(runId);
      looked?.seeker.look(looked.veil.text(messages.join("\n")));
    }
    const last = lines.at(-1);
    if (!last || (lines.length === last.ofLines && lines.length < logPageLines)) return;
    after = last;
  }
}

function logPage(ctx: Context, runIds: string[], after: { stepId: string; seq: number }): Promise<Line[]> {
  return rows<Line>(
    ctx.db,
    sql`select run_id as "runId", step_id as "stepId", seq, message, is_finished as "isFinished", of_lines as "ofLines" from (
          select *, (count(*) over ())::int as of_lines,
            sum(octet_length(message)) over (order by step_id, seq) - octet_length(message) as before
          from (
            select s.run_id, s.is_finished, s.id as step_id, l.seq, l.message
            from (select id, run_id, finished_at is not null as is_finished from steps t
                  where project_id = ${ctx.project.id} and run_id = any(${sql.param(runIds)}::uuid[]) and id >= ${after.stepId}::uuid
                    and not ${sql.raw(isLogGone("t"))} order by id) s
            ${linesAfter(after, logPageLines)}
          ) page
        ) line where before < ${logPageBytes} order by step_id, seq`,
  );
}
