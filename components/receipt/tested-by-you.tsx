"use client";
import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import Link from "next/link";
import { type AnswerOf, api, withQuery } from "@/components/api";
import { concerns, useLive } from "@/components/live/use-live";
import { useRefresh } from "@/components/live/use-refresh";
import { formatCount } from "@/components/ui/format";

type Tests = AnswerOf<"GET /api/projects/[project]/messages/[id]/tests">;
type Props = { projectId: string; messageId: string; initial: Tests };

/** The reader's own tests of drafts on the message, each leading to its draft; nothing where there are none. */
export function TestedByYou({ projectId, messageId, initial }: Props) {
  const { data, refetch } = useQuery({
    queryKey: ["message-tests", messageId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/messages/[id]/tests", {
        params: { project: projectId, id: messageId },
        signal,
      }),
    initialData: initial,
    retry: false,
  });
  const refresh = useRefresh(refetch);
  useLive(projectId, { onHint: (hints) => concerns(hints, "tests") && refresh() });
  if (data.items.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1">
      {data.items.map(({ workflowId, workflowName, tests }) => (
        <li key={workflowId} className="flex items-center gap-1.5 text-muted-foreground">
          <FlaskConical aria-hidden className="size-3.5 shrink-0" />
          <Link
            href={withQuery(`/p/${projectId}/workflows/${workflowId}/edit`, { message: messageId })}
            className="text-accent underline underline-offset-3"
          >
            Tested by you: {formatCount(tests, "test")} of {workflowName}
          </Link>
        </li>
      ))}
    </ul>
  );
}
