import type { Sql } from "@/db/client";
import { limits } from "@/lib/limits";
import { GoneError, type Kept, type StoredState, stateOf } from "@/lib/state/kept";
import { type SecretState, sealState } from "@/lib/state/sealed";
import { wipedColumns } from "@/lib/state/wiped";

/** Whose state it is, and the cursor job, if one is named. */
export type Clockwork = {
  projectId: string;
  workflowId: string;
  triggerId: string;
  cursorJobId: string | null;
};

/**
 * Where a cron run starts from: the output of the cursor job's last success, else the last successful run's final state,
 * else `{}` (reference: platform §3.8). One that was not kept, because it was too large or is wiped, leaves the one before
 * in its place, as in v1. Returns a dataclip's id.
 */
export async function startState(sql: Sql, { cursorJobId, ...of }: Clockwork): Promise<string> {
  const last = cursorJobId ? await lastOutput(sql, of.projectId, cursorJobId) : await lastFinalState(sql, of);
  return last ?? storeState(sql, of.projectId, { body: "{}", sealed: null, size: 2 });
}

async function lastOutput(sql: Sql, projectId: string, jobId: string): Promise<string | null> {
  const [last] = await sql.query<{ id: string }>(
    `select d.id from steps s join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id and d.body is not null
     where s.job_id = $1 and s.project_id = $2 and s.exit_reason = 'success' order by s.id desc limit 1`,
    [jobId, projectId],
  );
  return last?.id ?? null;
}

/** The end of a branch of a run: its job's id, with `-1`, `-2` … for further executions, and its stored output. */
type Leaf = { key: string; dataclipId: string | null; runId: string; size: number | null };

type Starts = Omit<Clockwork, "cursorJobId">;

/**
 * The final state of the last run that a trigger started with success, as a stored state: one leaf's output, or a map of
 * several (`finalState` in lib/workflow/result.ts says the same in memory). In a success every edge that was taken was
 * followed, so that its leaves are the steps after which none was. Returns a dataclip's id; null when there is none.
 */
async function lastFinalState(sql: Sql, of: Starts): Promise<string | null> {
  const [first, ...others] = await lastLeaves(sql, of);
  if (!first || others.length === 0) return first?.dataclipId ?? null;
  return storeTogether(sql, of.projectId, [first, ...others]);
}

/** The leaves of the last run that a trigger started with success, of which something is stored and that fit into one state. */
async function lastLeaves(sql: Sql, of: Starts): Promise<Leaf[]> {
  let before: string | null = null;
  for (let looks = 0; looks < maxLooks; looks++) {
    const leaves: Leaf[] = await leavesOfLast(sql, of, before);
    const [first, ...others] = leaves;
    if (!first || others.length === 0) return leaves;
    if (leaves.reduce((sum, leaf) => sum + (leaf.size ?? 0), 0) <= limits.keptStateBytes) return leaves;
    before = first.runId;
  }
  return [];
}

/** The stored states that the next run of the clock would begin with, as it is now: they are not to be wiped. */
export async function nextStates(sql: Sql, { cursorJobId, ...of }: Clockwork): Promise<string[]> {
  if (!cursorJobId) return (await lastLeaves(sql, of)).flatMap(({ dataclipId }) => dataclipId ?? []);
  const last = await lastOutput(sql, of.projectId, cursorJobId);
  return last ? [last] : [];
}

/** How many runs in a row may have had leaves that are too large together. */
const maxLooks = 20;

/** `before`: of a run that came before this one. */
const leavesOfLast = (
  sql: Sql,
  { workflowId, triggerId, projectId }: Starts,
  before: string | null,
): Promise<Leaf[]> =>
  sql.query<Leaf>(
    `with last as (
       select r.id from runs r
       where r.workflow_id = $1 and r.project_id = $3 and r.state = 'success' and r.starting_trigger_id = $2
         and exists (select 1 from steps s join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
           where s.run_id = r.id and s.project_id = r.project_id and ${isLeaf} and d.body is not null)${before ? " and r.id < $4" : ""}
       order by r.id desc limit 1
     )
     select job_id || case when times > 0 then '-' || times else '' end as key, output_dataclip_id as "dataclipId", run_id as "runId",
       (select size from dataclips d where d.id = output_dataclip_id and d.project_id = $3 and d.body is not null) as size
     from (
       select *, row_number() over (partition by job_id order by ordinal) - 1 as times from steps
       where run_id = (select id from last) and project_id = $3
     ) s where ${isLeaf} order by ordinal`,
    [workflowId, triggerId, projectId, ...(before ? [before] : [])],
  );

const isLeaf = "coalesce(s.taken_edges, '[]') = '[]'";

/** Several leaves as one stored state; of one that cannot be opened itself: the run that begins with it says why. */
async function storeTogether(sql: Sql, projectId: string, leaves: Leaf[]): Promise<string> {
  const state = await together(sql, projectId, leaves);
  if (typeof state === "string") return state;
  const { text, hidden, shown } = state;
  const sealed = hidden.length > 0 ? sealState(projectId, { text, hidden }) : null;
  return storeState(sql, projectId, { body: shown, sealed, size: Buffer.byteLength(text) });
}

/** A state as it is handed on, and its text as it may be shown. */
type Opened = SecretState & { shown: string };

/**
 * The texts are put together as they are: numbers keep their digits. What may not be shown of one may not of the whole. The
 * id of the first leaf that cannot be opened, where there is one.
 */
async function together(sql: Sql, projectId: string, leaves: Leaf[]): Promise<Opened | string> {
  const shown: string[] = [];
  const texts: string[] = [];
  const hidden = new Set<string>();
  for (const { key, dataclipId } of leaves) {
    const stored = dataclipId ? await readState(sql, projectId, dataclipId) : null;
    if (!dataclipId || !stored || stored.body === null) continue;
    const state = opened(projectId, stored);
    if (!state) return dataclipId;
    shown.push(`"${key}":${stored.body}`);
    texts.push(`"${key}":${state.text}`);
    for (const value of state.hidden) hidden.add(value);
  }
  return { text: `{${texts.join(",")}}`, hidden: [...hidden], shown: `{${shown.join(",")}}` };
}

/** What the next run of the clock would begin with, in memory: nothing is stored. Throws `GoneError`. */
export async function openStartState(sql: Sql, { cursorJobId, ...of }: Clockwork): Promise<Opened> {
  const { projectId } = of;
  const leaves = cursorJobId ? [] : await lastLeaves(sql, of);
  const found = leaves.length > 1 ? await together(sql, projectId, leaves) : leaves[0]?.dataclipId;
  const id = cursorJobId ? await lastOutput(sql, projectId, cursorJobId) : found;
  if (!id) return { text: "{}", hidden: [], shown: "{}" };
  if (typeof id !== "string") return id;
  const stored = await readState(sql, projectId, id);
  return { ...stateOf(projectId, stored), shown: stored?.body ?? "{}" };
}

function opened(projectId: string, stored: StoredState): SecretState | null {
  try {
    return stateOf(projectId, stored);
  } catch (error) {
    if (error instanceof GoneError) return null;
    throw error;
  }
}

async function readState(sql: Sql, projectId: string, dataclipId: string): Promise<StoredState | null> {
  const [row] = await sql.query<StoredState>(
    `select d.body, d.sealed, d.size, ${wipedColumns} from dataclips d where d.id = $1 and d.project_id = $2`,
    [dataclipId, projectId],
  );
  return row ?? null;
}

/** Stores a state that no step returned. Returns its dataclip's id. */
async function storeState(sql: Sql, projectId: string, state: Kept): Promise<string> {
  const [stored] = await sql.query<{ id: string }>(
    "insert into dataclips (project_id, type, body, sealed, size) values ($1, 'global', $2, $3, $4) returning id",
    [projectId, state.body, state.sealed, state.size],
  );
  if (!stored) throw new Error("The start of a cron run was not stored.");
  return stored.id;
}
