import Link from "next/link";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import type { DeletedWorkflow } from "@/lib/domain/workflow/deleted";

type Props = { projectId: string; workflows: DeletedWorkflow[] };

/** What was deleted and can come back. */
export function DeletedWorkflows({ projectId, workflows }: Props) {
  if (workflows.length === 0) return null;
  return (
    <section aria-labelledby="deleted" className="mt-8">
      <h2 id="deleted" className="mb-1 font-semibold text-[15px]">
        Deleted workflows
      </h2>
      <p className="mb-3 text-muted-foreground">
        They take nothing. What came before stays in the history, and any version can be restored.
      </p>
      <ul className="divide-y rounded-lg border bg-card">
        {workflows.map(({ id, name, lockVersion, deletedAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-0.5 px-4 py-2.5">
            <Link
              href={`/p/${projectId}/workflows/${id}/versions`}
              className="min-w-0 font-medium underline decoration-input underline-offset-3 [overflow-wrap:anywhere] hover:decoration-current"
            >
              {name}
            </Link>
            <span className="nums text-muted-foreground text-xs">
              version {lockVersion}, deleted <RelativeTime value={deletedAt} />
            </span>
            <Button asChild variant="outline" size="sm" className="ml-auto">
              <Link href={`/p/${projectId}/workflows/${id}/versions`}>
                Versions<span className="sr-only"> of the deleted {name}</span>
              </Link>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
