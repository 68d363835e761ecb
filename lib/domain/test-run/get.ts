import { sql } from "drizzle-orm";
import type { z } from "zod";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { personOf } from "@/lib/domain/draft/owner";
import { type Mask, maskFor } from "@/lib/domain/mask/mask";
import type { Veil } from "@/lib/domain/mask/veil";
import { veiledConnections, veiledError, veiledRequests } from "@/lib/domain/mask/veiled";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { testPlace } from "./cancel";
import { readContent } from "./content";
import { type StoredTest, testColumns, toTestRow } from "./list";
import type { TestNote, TestRun, TestStep } from "./types";

type Row = StoredTest & {
  draftId: string;
  workflowId: string;
  errorMessage: string | null;
  notes: TestNote[] | null;
  /** What is known of its input, for masks. */
  workOrderId: string | null;
  isBrought: boolean;
};

type StepRow = Omit<
  TestStep,
  "input" | "output" | "error" | "logs" | "requests" | "connections" | "startedAt" | "finishedAt"
> & {
  content: string | null;
  startedAt: Date | string;
  finishedAt: Date | string | null;
};

/** A test of the caller's with all that it came to, as they may see it. Throws `not_found`. */
export async function getTest(ctx: Context, input: z.input<typeof testPlace>): Promise<TestRun> {
  requirePermission(ctx, "run.start");
  const { workflowId, testId } = testPlace.parse(input);
  const [row] = await rows<Row>(
    ctx.db,
    sql`select ${testColumns}, t.draft_id as "draftId", d.workflow_id as "workflowId", t.error_message as "errorMessage", t.notes,
          r.work_order_id as "workOrderId", t.input_of in ('json', 'none') or c.type = 'saved_input' as "isBrought"
        from test_runs t join drafts d on d.id = t.draft_id
        left join steps s on s.id = t.step_id and s.project_id = t.project_id
        left join runs r on r.id = s.run_id and r.project_id = t.project_id
        left join dataclips c on c.id = t.dataclip_id and c.project_id = t.project_id
        where t.id = ${testId}::uuid and t.project_id = ${ctx.project.id}::uuid and d.workflow_id = ${workflowId}::uuid
          and d.user_id = ${personOf(ctx)}::uuid`,
  );
  if (!row) throw notFound("The test");
  const stored = await rows<StepRow>(
    ctx.db,
    sql`select ordinal, job_id as "jobId", job_name as "jobName", follows, reason, is_cut as "isCut", taken_edges as "takenEdges",
          duration_ms as "durationMs", content, started_at as "startedAt", finished_at as "finishedAt"
        from test_steps where test_run_id = ${testId}::uuid and project_id = ${ctx.project.id}::uuid order by ordinal`,
  );
  const { workOrderId, isBrought, draftId, errorMessage, notes, ...listed } = row;
  const test: TestRun = {
    ...toTestRow(listed),
    ...{ draftId, workflowId, errorMessage, notes: notes ?? [], steps: stepsOf(stored) },
  };
  const mask = await maskFor(ctx);
  return mask ? veiled(mask, test, { workOrderId, isBrought }) : test;
}

/** What a step handed on is what those began with that follow it. */
function stepsOf(stored: StepRow[]): TestStep[] {
  const read = stored.map(({ content, startedAt, finishedAt, ...step }) => ({
    ...step,
    ...readContent(content),
    startedAt: iso(startedAt),
    finishedAt: isoOrNull(finishedAt),
  }));
  const outputOf = (ordinal: number) => read.find((step) => step.ordinal === ordinal)?.output ?? null;
  const first = read.find(({ follows, input }) => follows === null && input !== null)?.input ?? null;
  return read.map((step) => ({ ...step, input: step.follows === null ? first : outputOf(step.follows) }));
}

type Known = Pick<Row, "workOrderId" | "isBrought">;

/**
 * Without what is masked: of its input's subject, and of all that its jobs found out. Where something of it is not kept, or
 * nobody knows what it is about, what holds no state is hidden whole.
 */
async function veiled(mask: Mask, test: TestRun, { workOrderId, isBrought }: Known): Promise<TestRun> {
  const { messageId, steps } = test;
  const subject = messageId || workOrderId ? await mask.veil({ messageId, workOrderId }) : null;
  if (subject?.isOpen) return test;
  const isWhole =
    (subject !== null || isBrought) &&
    steps.every(({ isCut, reason, output }) => !isCut && (reason !== "success" || output !== null));
  const states = [...new Set(steps.flatMap(({ input, output }) => [input ?? [], output ?? []].flat()))];
  const own = isWhole ? mask.ownOf(states) : mask.whole;
  const veils = subject ? [subject, own] : [own];
  const text = (value: string) => veils.reduce((shown, veil) => veil.text(shown), value);
  const orNull = (value: string | null) => (value === null ? null : text(value));
  return {
    ...test,
    errorType: orNull(test.errorType),
    errorMessage: orNull(test.errorMessage),
    steps: steps.map((step) => veiledStep(step, veils)),
  };
}

function veiledStep(step: TestStep, veils: Veil[]): TestStep {
  let shown = step;
  for (const veil of veils) shown = behind(veil, shown);
  return shown;
}

const behind = (veil: Veil, step: TestStep): TestStep => ({
  ...step,
  error: step.error && veiledError(veil, step.error),
  input: step.input && veil.state(step.input),
  output: step.output && veil.state(step.output),
  logs: step.logs.map((line) => ({ ...line, message: veil.text(line.message) })),
  requests: veiledRequests(veil, step.requests),
  connections: veiledConnections(veil, step.connections),
});
