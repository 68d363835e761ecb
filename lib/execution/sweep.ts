import { reasons } from "@/lib/workflow/status";
import { completeStep } from "./complete-step";
import { ended, lostMessage } from "./execute-step";
import type { ExecutionHost } from "./host";

const graceMs = 60_000;
const strandedAfterMinutes = 10;

/**
 * The safety net, every minute. Steps that have been running longer than any step may, and that the runner does not
 * know, are lost, and so are their runs; runs that wait without anything having been sent for them are sent again.
 */
export async function sweepUnfinished(host: ExecutionHost): Promise<{ lost: number; resent: number }> {
  const overdue = await host.database.query<{
    id: string;
    run_id: string;
    project_id: string;
    message_id: string | null;
    log_lines: number;
  }>(
    `select s.id, s.run_id, s.project_id, s.message_id, s.log_lines from runs r join steps s on s.run_id = r.id
     where r.state = 'running' and s.finished_at is null and s.started_at < now() - $1 * interval '1 millisecond' limit 200`,
    [host.stepTimeoutMs + graceMs],
  );
  for (const step of overdue) {
    const found = await host.runner.followStep(step.id, () => {}).catch(() => null);
    const result = found ?? ended("lost", "Lost", lostMessage);
    const runEnd = {
      state: reasons[result.reason].runState,
      errorType: result.error?.type ?? null,
      errorMessage: result.error?.message ?? null,
    };
    await completeStep(host.database, {
      stepId: step.id,
      result,
      takenEdges: [],
      logLines: step.log_lines,
      credentialName: null,
      runEnd,
    });
    host.notifier.touch(step.project_id, "runs", step.run_id);
    if (step.message_id) host.notifier.touch(step.project_id, "messages", step.message_id);
  }
  const resent = await host.database.query(
    `insert into outbox (event, data)
     select 'run/requested', jsonb_build_object('runId', r.id, 'projectId', r.project_id, 'workflowId', r.workflow_id, 'priority', 0)
     from runs r
     where r.state = 'pending' and r.created_at < now() - $1 * interval '1 minute' and r.created_at > now() - interval '1 day'
       and not exists (select 1 from outbox o where o.data->>'runId' = r.id::text)
     limit 500 returning 1`,
    [strandedAfterMinutes],
  );
  if (resent.length > 0) host.notifier.wakeEngine();
  return { lost: overdue.length, resent: resent.length };
}
