import type { Content, DueNotice } from "@/lib/domain/notice/contents";

type About = Pick<DueNotice, "id" | "kind" | "createdAt"> & { project: { id: string; name: string } | null };

/**
 * A notice as a webhook's JSON, in the form of Standard Webhooks (type, timestamp, data): the same id, however often it is
 * sent.
 */
export const payloadOf = ({ id, kind, createdAt, project }: About, content: Content): string => {
  const { subject, lead, facts, quote = null, todo = null, actions } = content;
  return JSON.stringify({
    type: `notice.${kind}`,
    timestamp: createdAt.toISOString(),
    data: { id, project, subject, lead, facts, quote, todo, actions },
  });
};
