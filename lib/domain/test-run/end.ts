import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { write } from "@/lib/domain/write";
import { sqlJson } from "@/lib/sql-json";
import type { ClaimedTest } from "./begin";
import { readContent, withoutPayload } from "./content";
import type { TestHost } from "./host";
import { isMine, storable } from "./progress";
import type { TestEnd } from "./walk-test";

type Host = Pick<TestHost, "db" | "announce">;

const actor = { type: "system", label: "tests" } as const;

/** The test is over. A project that keeps nothing of what succeeded keeps nothing of it, either. */
export function endTest(host: Host, test: ClaimedTest, end: TestEnd): Promise<void> {
  const { id, projectId, persistence } = test;
  return write({ ...host, actor, project: { id: projectId } }, "own", async (tx) => {
    const keepsInput =
      persistence !== "erase_all" && !(persistence === "retain_with_errors" && end.state === "success");
    const [ended] = await rows(
      tx,
      sql`/* checked: it is this project's */ update test_runs t set state = ${end.state}, error_type = ${storable(end.errorType)}, error_message = ${storable(end.errorMessage)},
            notes = ${end.notes.length > 0 ? sqlJson(end.notes) : null}::jsonb, finished_at = clock_timestamp(), graph = null, pins = null,
            input = case when ${keepsInput} then input end
          where ${isMine(test)} returning 1`,
    );
    if (!ended) return { result: undefined, audit: null, changed: null };
    if (persistence === "retain_with_errors" && end.state === "success") await emptySteps(tx, id, projectId);
    return { result: undefined, audit: null, changed: { tests: [id] } };
  });
}

async function emptySteps(tx: Db, id: string, projectId: string): Promise<void> {
  const steps = await rows<{ ordinal: number; content: string | null }>(
    tx,
    sql`select ordinal, content from test_steps where test_run_id = ${id}::uuid and project_id = ${projectId}::uuid`,
  );
  for (const { ordinal, content } of steps) {
    const kept = sqlJson(withoutPayload(readContent(content)).content);
    await tx.execute(
      sql`update test_steps set content = ${kept}, is_cut = true
          where test_run_id = ${id}::uuid and project_id = ${projectId}::uuid and ordinal = ${ordinal}`,
    );
  }
}
