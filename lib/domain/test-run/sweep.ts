import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import { write } from "@/lib/domain/write";
import { forgetTests } from "./forget";
import type { TestHost } from "./host";

/** Nobody runs a test that has given no sign of life for so long. */
const silentSeconds = 60;
/** One that waits for so long was forgotten. */
const forgottenSeconds = 3_600;
const atOnce = 1_000;

const actor = { type: "system", label: "tests" } as const;
type Host = Pick<TestHost, "db" | "announce">;

/**
 * The safety net, every minute: ends tests that nobody runs, and takes away those whose time is over. Begins nothing again.
 * `only`: of this project.
 */
export async function sweepTests(
  host: Host,
  { now = new Date(), only = null }: { now?: Date; only?: string | null } = {},
): Promise<{ ended: number; gone: number }> {
  const ended = await endForgotten(host);
  return { ended, gone: await forgetTests(host, now, only) };
}

async function endForgotten(host: Host): Promise<number> {
  const found = await rows<{ id: string; projectId: string }>(
    host.db,
    sql`/* all tenants: the safety net */ select id, project_id as "projectId" from test_runs
        where finished_at is null and (state = 'running' and beat_at < clock_timestamp() - make_interval(secs => ${silentSeconds})
          or state = 'waiting' and created_at < clock_timestamp() - make_interval(secs => ${forgottenSeconds}))
        order by id limit ${atOnce}`,
  );
  for (const { id, projectId } of found)
    await write({ ...host, actor, project: { id: projectId } }, "own", async (tx) => {
      await tx.execute(
        sql`update test_runs set error_type = 'Lost', finished_at = clock_timestamp(), graph = null, pins = null, claim = null,
              state = 'lost', error_message = case state when 'waiting' then ${neverBegun} else ${lost} end
            where id = ${id}::uuid and project_id = ${projectId}::uuid and finished_at is null
              and (state = 'waiting' or beat_at < clock_timestamp() - make_interval(secs => ${silentSeconds}))`,
      );
      return { result: undefined, audit: null, changed: { tests: [id] } };
    });
  return found.length;
}

const neverBegun = "No engine ran this test within an hour, so it was given up before it began. Test again.";
const lost =
  "The engine that ran this test has ended. It is not begun again by itself: the job that was under way may have done part of its work, and what it had sent stays sent.";
