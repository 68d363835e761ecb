import { GitCompareArrows } from "lucide-react";
import Link from "next/link";
import { withQuery } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { formatCount } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/relative-time";
import { sourceWords } from "@/components/versions/words";
import type { Drift } from "@/lib/domain/drift/get";

type Props = { projectId: string; drift: Drift };
type Workflow = Drift["workflows"][number];

/** What was changed here since the last deploy: whoever keeps the project in a repository does not have it there. */
export function DriftNotice({ projectId, drift: { deploy, workflows } }: Props) {
  if (!deploy) return null;
  const how = deploy.source === "import" ? "imported" : "deployed";
  const when = (
    <>
      {how} <RelativeTime value={deploy.at} />
      {deploy.by ? ` by ${deploy.by}` : ""}
    </>
  );
  if (workflows.length === 0)
    return <p className="mb-4 text-muted-foreground">It is what was last {when}.</p>;
  return (
    <section
      aria-labelledby="drift"
      data-status="cancelled"
      className="mb-4 grid gap-2 rounded-lg border border-(--status-line) bg-(--status-soft) px-4 py-3"
    >
      <h2 id="drift" className="flex items-center gap-2 font-medium text-(--status)">
        <GitCompareArrows aria-hidden className="size-4 shrink-0" />
        {formatCount(workflows.length, "workflow")} changed here since the last deploy
      </h2>
      <p className="[overflow-wrap:anywhere]">
        The project was last {when}. What is listed here came later, and is not in the files of then: pull, or
        download them again, before you deploy.
      </p>
      <ul className="grid gap-1.5">
        {workflows.map((workflow) => (
          <DriftedWorkflow key={workflow.id} projectId={projectId} workflow={workflow} />
        ))}
      </ul>
    </section>
  );
}

const words = { changed: "changed", added: "new", deleted: "deleted" } as const;

function DriftedWorkflow({ projectId, workflow }: { projectId: string; workflow: Workflow }) {
  const { id, name, change, from, to, versions } = workflow;
  const [last] = versions;
  const source = last ? sourceWords(last) : null;
  return (
    <li className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5">
      <Link
        href={withQuery(`/p/${projectId}/workflows/${id}/versions`, change === "changed" ? { from, to } : {})}
        className="min-w-0 font-medium underline underline-offset-3 [overflow-wrap:anywhere] hover:no-underline"
      >
        {name}
      </Link>
      <Badge>{words[change]}</Badge>
      {last ? (
        <span className="text-xs [overflow-wrap:anywhere]">
          {source ? `${source}, ` : ""}
          <RelativeTime value={last.createdAt} />
          {last.createdBy ? ` by ${last.createdBy}` : ""}
        </span>
      ) : null}
    </li>
  );
}
