import { createHash, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import type { Actor, Context } from "@/lib/domain/context";
import { readDraft } from "@/lib/domain/draft/get";
import { can } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { sqlJson } from "@/lib/sql-json";
import type { Persistence, Role, TestInput, TestMode, TestSource } from "@/lib/words";
import type { TestHost } from "./host";
import type { NewTest } from "./insert";
import type { TestPins } from "./walkable";

/** A test that this process has begun, with all that it needs. */
export type ClaimedTest = {
  id: string;
  projectId: string;
  draftId: string;
  workflowId: string;
  claim: string;
  source: TestSource;
  mode: TestMode;
  start: NewTest["start"];
  inputOf: TestInput;
  messageId: string | null;
  dataclipId: string | null;
  stepId: string | null;
  input: string | null;
  /** JSON text. */
  graph: string;
  pins: TestPins | null;
  isPaused: boolean;
  onlyHosts: string[] | null;
  persistence: Persistence;
  projectName: string;
  owner: { userId: string; label: string };
  /** Why it is not run at all. */
  refusal: string | null;
};

type Row = Omit<ClaimedTest, "start" | "claim" | "owner" | "refusal"> & {
  triggerId: string | null;
  jobId: string | null;
  alone: boolean;
  userId: string;
  label: string;
  role: Role | null;
  isEnding: boolean;
};

const actor: Actor = { type: "system", label: "tests" };

/** Takes a test that waits; null when it does not, or is not there. What is tried is put on record before it runs. */
export function beginTest(
  { db, announce }: Pick<TestHost, "db" | "announce">,
  { testId, projectId }: { testId: string; projectId: string },
): Promise<ClaimedTest | null> {
  const ctx = { db, announce, actor, project: { id: projectId } };
  return write(ctx, "own", async (tx) => {
    const claim = randomUUID();
    const [row] = await rows<Row>(tx, taking({ testId, projectId, claim }));
    if (!row) return { result: null, audit: null, changed: null };
    const { triggerId, jobId, alone, userId, label, role, isEnding, ...of } = row;
    const test: ClaimedTest = {
      ...of,
      ...{ claim, owner: { userId, label }, refusal: refusalOf(role, isEnding) },
      start: jobId === null ? { triggerId: triggerId ?? "" } : { jobId, alone },
    };
    const code = test.refusal === null ? await newCode(tx, test) : null;
    return {
      result: test,
      audit: code && {
        event: "test.code",
        itemId: testId,
        after: { workflowId: test.workflowId, mode: test.mode, code },
        actor: { type: "user", userId, label },
      },
      changed: { tests: [testId] },
    };
  });
}

const taking = ({ testId, projectId, claim }: { testId: string; projectId: string; claim: string }) => sql`
  with mine as (
    update test_runs set state = 'running', claim = ${claim}::uuid, started_at = clock_timestamp(), beat_at = clock_timestamp()
    where id = ${testId}::uuid and project_id = ${projectId}::uuid and state = 'waiting' returning *
  )
  select t.id, t.project_id as "projectId", t.draft_id as "draftId", d.workflow_id as "workflowId", t.source, t.mode, t.start_trigger_id as "triggerId",
    t.start_job_id as "jobId", t.is_alone as alone, t.input_of as "inputOf", t.message_id as "messageId",
    t.dataclip_id as "dataclipId", t.step_id as "stepId", t.input, t.graph::text as graph, t.pins,
    coalesce(w.paused_at, p.paused_at) is not null as "isPaused", p.egress_allow as "onlyHosts", p.persistence,
    p.name as "projectName", d.user_id as "userId", u.email as label, m.role,
    w.deleted_at is not null or p.deletion_scheduled_at is not null as "isEnding"
  from mine t join drafts d on d.id = t.draft_id join workflows w on w.id = d.workflow_id join projects p on p.id = t.project_id
    join users u on u.id = d.user_id
    left join project_members m on m.project_id = t.project_id and m.user_id = d.user_id`;

function refusalOf(role: Role | null, isEnding: boolean): string | null {
  if (isEnding) return "The workflow, or its project, is deleted.";
  if (role === null || !can(role, "run.start"))
    return "Whoever made this draft may not start runs in this project any more.";
  return null;
}

/**
 * The code of jobs that no saved version has, when the record does not have it yet: a job may do with its credential whatever
 * it can, and a draft is saved over. Null when there is nothing new.
 */
async function newCode(tx: Db, { graph, draftId, projectId, workflowId }: ClaimedTest) {
  const saved = await rows<{ id: string; body: string }>(
    tx,
    sql`select id, body from jobs where workflow_id = ${workflowId}::uuid and project_id = ${projectId}::uuid`,
  );
  const bodies = new Map(saved.map(({ id, body }) => [id, body]));
  const changed = readDraft(graph).jobs.filter(({ id, body }) => bodies.get(id) !== body);
  if (changed.length === 0) return null;
  const code = Object.fromEntries(changed.map(({ id, body }) => [id, body]));
  const digest = createHash("sha256")
    .update(sqlJson(Object.entries(code).sort()))
    .digest("hex");
  const [isNew] = await rows(
    tx,
    sql`insert into draft_tests as t (draft_id, project_id, recorded_code) values (${draftId}::uuid, ${projectId}::uuid, ${digest})
        on conflict (draft_id) do update set recorded_code = excluded.recorded_code
        where t.recorded_code is distinct from excluded.recorded_code returning 1`,
  );
  return isNew ? code : null;
}

/** The product runs it for whoever asked: what they may read is asked when it is shown. */
export const contextOf = (
  { db, announce }: Pick<TestHost, "db" | "announce">,
  { projectId, projectName }: ClaimedTest,
): Context => ({ actor, project: { id: projectId, name: projectName }, role: "owner", db, announce });
