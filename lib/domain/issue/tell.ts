import type { Sql } from "@/db/client";
import { queueNotices } from "@/lib/domain/notice/queue";
import { type Failure, recipients } from "@/lib/domain/notice/rules/recipients";
import { type News, newsKey, type Standing } from "./course";

/** Queues the notice of one issue to whoever is to hear of such a failure. In the transaction that counts it. */
export async function tellOf(
  sql: Sql,
  failure: Failure,
  issue: Standing & { id: string },
  news: News,
): Promise<void> {
  const told = await recipients(sql, failure);
  await queueNotices(
    sql,
    told.map(({ notBefore, ...to }) => ({
      kind: "issue" as const,
      key: `issue:${issue.id}:${newsKey(news, issue)}`,
      projectId: failure.projectId,
      to,
      data: { issueId: issue.id, news, count: issue.count, returned: issue.returned },
      notBefore,
    })),
  );
}
