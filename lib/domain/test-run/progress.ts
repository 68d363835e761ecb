import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import { withoutNul } from "@/lib/text";
import type { ClaimedTest } from "./begin";
import type { TestHost } from "./host";
import type { BegunStep, EndedStep } from "./walk-test";

/** What whoever has a test writes of it. Under a claim that is not the row's any more it changes nothing. */

type Of = Pick<ClaimedTest, "id" | "projectId" | "claim">;
type Host = Pick<TestHost, "db" | "announce">;

/** SQL over `test_runs t`: it is this test, under this claim, and goes on. */
export const isMine = ({ id, projectId, claim }: Of) =>
  sql`t.id = ${id}::uuid and t.project_id = ${projectId}::uuid and t.claim = ${claim}::uuid and t.state = 'running'`;

/** A sign of life. Says whether the test is to end: it was cancelled, or it is gone. */
export async function beat({ db }: Host, of: Of): Promise<"goes on" | "cancelled" | "gone"> {
  const [row] = await rows<{ isCancelled: boolean }>(
    db,
    sql`/* checked: it is this project's */ update test_runs t set beat_at = clock_timestamp() where ${isMine(of)} returning cancel_requested_at is not null as "isCancelled"`,
  );
  return row ? (row.isCancelled ? "cancelled" : "goes on") : "gone";
}

/** A job begins: said before it does. */
export async function stepBegan({ db, announce }: Host, of: Of, { planned, job }: BegunStep): Promise<void> {
  await db.execute(
    sql`insert into test_steps (test_run_id, ordinal, project_id, job_id, job_name, follows)
        select t.id, ${planned.ordinal}, t.project_id, ${job.id}::uuid, ${job.name}, ${planned.fromOrdinal} from test_runs t
        where ${isMine(of)} on conflict do nothing`,
  );
  announce({ projectId: of.projectId, tests: [of.id] });
}

/** What a job came to. */
export async function stepEnded(
  { db, announce }: Host,
  of: Of,
  { planned, result, takenEdgeIds }: EndedStep,
  { text, isCut }: { text: string; isCut: boolean },
): Promise<void> {
  const { reason, error, durationMs } = result;
  await db.execute(
    sql`update test_steps s set reason = ${reason}, error_type = ${storable(error?.type ?? null)}, content = ${text}, is_cut = ${isCut},
          taken_edges = ${sql.param(takenEdgeIds)}::uuid[], duration_ms = ${durationMs === null ? null : Math.round(durationMs)},
          finished_at = clock_timestamp()
        from test_runs t where ${isMine(of)} and s.test_run_id = t.id and s.project_id = t.project_id and s.ordinal = ${planned.ordinal}`,
  );
  announce({ projectId: of.projectId, tests: [of.id] });
}

/** As much of what a job said as a column takes. */
export const storable = (said: string | null): string | null => said && withoutNul(said.slice(0, 10_000));
