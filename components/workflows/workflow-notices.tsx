import { Archive, PencilLine, PowerOff } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { RelativeTime } from "@/components/ui/relative-time";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { draftWords } from "./draft-words";

type Props = { projectId: string; workflow: WorkflowDetail; mayWrite: boolean };

/** What to know before anything else: that it is put away or switched off, and who is changing it. */
export function WorkflowNotices({ projectId, workflow, mayWrite }: Props) {
  const { archivedAt, drafts, triggers } = workflow;
  const isOff = triggers.length > 0 && triggers.every(({ enabled }) => !enabled);
  const words = draftWords(drafts);
  const [mine] = drafts;
  return (
    <>
      {archivedAt ? (
        <Notice icon={<Archive aria-hidden />}>
          Archived <RelativeTime value={archivedAt} />: it is switched off, and what it did stays in the
          history.
        </Notice>
      ) : isOff ? (
        <Notice icon={<PowerOff aria-hidden />}>Switched off: nothing that arrives starts it.</Notice>
      ) : null}
      {words.length > 0 ? (
        <Notice icon={<PencilLine aria-hidden />}>
          {sentence(words)}
          {mayWrite && mine?.isMine ? (
            <>
              {" "}
              <Link
                href={`/p/${projectId}/workflows/${workflow.id}/edit`}
                className="text-accent underline underline-offset-3"
              >
                Go on with it
              </Link>
            </>
          ) : null}
        </Notice>
      ) : null}
    </>
  );
}

/** "has your draft" wants a subject; names are subjects themselves. */
function sentence([first = "", ...more]: string[]): string {
  const begun = first.startsWith("has ") ? `It ${first}` : first;
  return `${[begun, ...more].join(", ")}.`;
}

function Notice({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className="mb-3 flex items-start gap-2 text-muted-foreground leading-relaxed [&>svg]:mt-1 [&>svg]:size-4 [&>svg]:shrink-0">
      {icon}
      <span className="min-w-0 [overflow-wrap:anywhere]">{children}</span>
    </p>
  );
}
