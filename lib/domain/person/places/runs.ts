import { sql } from "drizzle-orm";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import { lookInClips } from "./clips";
import { lookInLogs } from "./logs";
import { foundMessages } from "./messages";
import { firstThatFit, type Item, type Place, type Scan, Where } from "./place";

const pageRuns = 200;
const pageBytes = 1_000_000;
const lineBytes = 200;

type Run = {
  id: string;
  messageId: string | null;
  /** What it began with, when that is no message. */
  clipId: string | null;
  orderKey: string | null;
  errorMessage: string | null;
  createdAt: Date | string;
  bytes: number;
};

type Step = {
  id: string;
  runId: string;
  inputId: string | null;
  outputId: string | null;
  texts: string;
  replyBody: string | null;
  lines: number;
  startedAt: Date | string;
};

/**
 * The project's runs with their steps, logs, errors and outputs, oldest first, so that what was made from something comes
 * after it. All of a run is made from its input, and a step from the output that it began with.
 */
export const runsPlace: Place = {
  name: "runs",
  async page(scan) {
    const found = await runPage(scan);
    const page = firstThatFit(found, pageBytes);
    const items = page.length > 0 ? await itemsOf(scan, page) : [];
    const isLast = found.length < pageRuns && page.length === found.length;
    return { items, seen: page.length, cursor: isLast ? null : (page.at(-1)?.id ?? null) };
  },
};

function runPage({ db, projectId, until, cursor }: Scan): Promise<Run[]> {
  const ofProject = keyset([[sql`r.project_id`, projectId]], sql`r.id`, {
    after: cursor ?? undefined,
    before: until,
  });
  return rows<Run>(
    db,
    sql`select r.id, r.message_id as "messageId", coalesce(r.dataclip_id, o.dataclip_id) as "clipId", r.order_key as "orderKey",
          r.error_message as "errorMessage", r.created_at as "createdAt", coalesce(s.bytes, 0)::float8 as bytes
        from (select * from runs r where ${ofProject.where} order by ${ofProject.oldestFirst} limit ${pageRuns}) r
        left join work_orders o on o.id = r.work_order_id and o.project_id = r.project_id
        left join lateral (
          select sum(${lineBytes}::int * s.log_lines::bigint + coalesce(d.size, 0)) as bytes
          from steps s left join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
          where s.run_id = r.id and s.project_id = ${projectId}
        ) s on true
        order by r.id`,
  );
}

function stepsOf({ db, projectId }: Scan, runIds: string[]): Promise<Step[]> {
  return rows<Step>(
    db,
    sql`select s.id, s.run_id as "runId", s.input_dataclip_id as "inputId", s.output_dataclip_id as "outputId",
          concat_ws(E'\n', s.error_message, s.error::text, s.connections::text,
            (select string_agg(concat_ws(E'\n', a.error_message, a.error::text, a.connections::text), E'\n') from step_attempts a where a.step_id = s.id)) as texts,
          s.reply_body as "replyBody", s.log_lines as lines, s.started_at as "startedAt"
        from steps s where s.project_id = ${projectId} and s.run_id = any(${sql.param(runIds)}::uuid[]) order by s.run_id, s.ordinal`,
  );
}

async function itemsOf(scan: Scan, runs: Run[]): Promise<Item[]> {
  const { finder } = scan;
  const steps = await stepsOf(
    scan,
    runs.map(({ id }) => id),
  );
  const messages = scan.withMade
    ? new Set(
        await foundMessages(
          scan,
          runs.flatMap(({ messageId }) => messageId ?? []),
        ),
      )
    : new Set<string>();
  const begunWith = [...runs.map(({ clipId }) => clipId), ...steps.map(({ inputId }) => inputId)];
  const clips = new Set(
    scan.withMade
      ? await madeClips(
          scan,
          begunWith.flatMap((id) => id ?? []),
        )
      : [],
  );
  // Nobody has to look into what belongs to it anyway.
  const unknown = new Set(
    runs.filter(({ messageId }) => messageId === null || !messages.has(messageId)).map(({ id }) => id),
  );
  const read = steps.filter(({ runId }) => unknown.has(runId));
  const inputs = await lookInClips(
    scan,
    runs.filter(({ id }) => unknown.has(id)).flatMap(({ clipId }) => clipId ?? []),
  );
  const outputs = await lookInClips(
    scan,
    read.flatMap(({ outputId }) => outputId ?? []),
  );
  const logs = await lookInLogs(
    scan,
    read.filter(({ lines }) => lines > 0).map(({ id }) => id),
  );
  const items: Item[] = [];
  for (const run of runs) {
    const begins = run.clipId !== null && (clips.has(run.clipId) || inputs.has(run.clipId));
    const isMade = scan.withMade && ((run.messageId !== null && messages.has(run.messageId)) || begins);
    const where = new Where();
    where.add("error", finder.text(run.errorMessage ?? ""));
    where.add("order key", finder.text(run.orderKey ?? ""));
    if (where.isFound || (isMade && (run.errorMessage !== null || run.orderKey !== null)))
      items.push({
        kind: "run",
        itemId: run.id,
        via: where.isFound ? "found" : "made",
        ...placed(where),
        at: new Date(run.createdAt),
        ...ids(run),
      });
    for (const step of steps.filter(({ runId }) => runId === run.id)) {
      const of = new Where();
      of.add("error", await finder.json(step.texts));
      of.add("reply", await finder.json(step.replyBody ?? ""));
      of.add("output", (step.outputId && outputs.get(step.outputId)) || null);
      of.add("log", logs.get(step.id) ?? null);
      const isStepMade = isMade || (scan.withMade && step.inputId !== null && clips.has(step.inputId));
      if (!of.isFound && !isStepMade) continue;
      if (step.outputId) clips.add(step.outputId);
      items.push({
        kind: "step",
        itemId: step.id,
        via: of.isFound ? "found" : "made",
        ...placed(of),
        at: new Date(step.startedAt),
        ...ids(run),
        clipId: step.outputId,
      });
    }
  }
  return items;
}

const placed = ({ places, excerpt }: Where) => ({ places, excerpt });
const ids = ({ id, messageId }: Run) => ({ runId: id, messageId });

/** Those of these outputs that steps which are part of it came to. */
async function madeClips({ db, requestId, projectId }: Scan, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const found = await rows<{ id: string }>(
    db,
    sql`select clip_id as id from person_items where request_id = ${requestId}::uuid and clip_id = any(${sql.param([...new Set(ids)])}::uuid[])
        and project_id = ${projectId}`,
  );
  return found.map(({ id }) => id);
}
