import type { Sql } from "@/db/client";
import { digestPeriods, type Period } from "@/lib/domain/notice/rules/clock";
import type { DigestWord } from "@/lib/words";
import type { DigestData } from "./data";
import { issuesOf, numbersOf, slowestOf } from "./numbers";

const dayMs = 86_400_000;

/** What a digest is about: a project's workflows (null = all), and whole days, weeks or months by a clock (null = UTC). */
export type About = {
  projectId: string;
  workflowIds: string[] | null;
  digest: Exclude<DigestWord, "never">;
  timeZone: string | null;
};

export type Counts = Omit<DigestData, "ruleId">;

/** What a digest that is due now says: the last whole period, and the one before it. Reads a bounded number of rows. */
export async function countDigest(sql: Sql, about: About, now: Date): Promise<Counts> {
  const { projectId, digest, workflowIds } = about;
  const timeZone = about.timeZone ?? "UTC";
  const { period, before } = digestPeriods(digest, timeZone, now);
  return {
    digest,
    timeZone,
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    isOfSome: workflowIds !== null,
    numbers: await numbersOf(sql, about, period, { isKept: await keeps(sql, projectId, period, now) }),
    before: (await keeps(sql, projectId, before, now)) ? await numbersOf(sql, about, before) : null,
    issues: await issuesOf(sql, about, period, before),
    slowest: await slowestOf(sql, about, period),
  };
}

/** Whether all that a time came to is still there: no history of it has been deleted. */
async function keeps(sql: Sql, projectId: string, { from }: Period, now: Date): Promise<boolean> {
  const [project] = await sql.query<{ days: number | null }>(
    "select (retention->>'history')::int as days from projects where id = $1",
    [projectId],
  );
  return !project?.days || from.getTime() >= now.getTime() - project.days * dayMs;
}
