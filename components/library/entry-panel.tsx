"use client";
import { useRouter } from "next/navigation";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { CodeView } from "@/components/code/code-view";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { useApi } from "@/components/use-api";
import { adaptorWords } from "@/components/workflows/edge-words";
import type { LibraryJob, LibraryVersion } from "@/lib/domain/library/types";
import { AboutDialog } from "./about-dialog";
import { EntryUses } from "./entry-uses";
import { VersionDialog } from "./version-dialog";
import { VersionRows } from "./version-rows";

type Props = { projectId: string; entry: LibraryJob; versions: LibraryVersion[]; mayWrite: boolean };

/** One entry: who uses it, its code, its versions. */
export function EntryPanel({ projectId, entry, versions, mayWrite }: Props) {
  return (
    <div className="grid min-w-0 gap-5">
      <Section
        title={entry.name}
        description={entry.description ?? undefined}
        flush
        action={
          mayWrite ? (
            <div className="flex flex-wrap gap-2">
              <VersionDialog projectId={projectId} entry={entry} />
              <AboutDialog projectId={projectId} entry={entry} />
              <DeleteEntry projectId={projectId} entry={entry} />
            </div>
          ) : null
        }
      >
        <EntryUses projectId={projectId} entry={entry} mayWrite={mayWrite} />
      </Section>
      <section aria-labelledby="entry-code" className="min-w-0">
        <h2 id="entry-code" className="mb-1 font-semibold text-[15px]">
          Code of version {entry.version}
        </h2>
        <p className="mb-1.5 font-mono text-muted-foreground text-xs">{adaptorWords(entry)}</p>
        <div className="overflow-hidden rounded-md border">
          <CodeView code={entry.body} label={`Code of ${entry.name}`} />
        </div>
      </section>
      <Section title="Versions" description="A version never changes." flush>
        <VersionRows projectId={projectId} entryId={entry.id} versions={versions} />
      </Section>
    </div>
  );
}

function DeleteEntry({ projectId, entry }: { projectId: string; entry: LibraryJob }) {
  const router = useRouter();
  const remove = useApi({
    send: () =>
      api("DELETE /api/projects/[project]/library/[entry]", {
        params: { project: projectId, entry: entry.id },
      }),
    message: "The entry is deleted.",
    done: () => router.push(`/p/${projectId}/library`),
  });
  return (
    <Confirm
      title={`Delete ${entry.name}?`}
      description={
        entry.uses.length > 0
          ? "Jobs are of it, so it will be refused: detach them first. They keep their code."
          : "It goes with its versions. Runs need none of it: they keep the code that they ran."
      }
      action="Delete the entry"
      destructive
      onConfirm={() => remove.mutate(undefined)}
      trigger={
        <Button variant="outline" disabled={remove.isPending}>
          Delete
        </Button>
      }
    />
  );
}
