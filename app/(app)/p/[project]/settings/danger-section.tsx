"use client";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { formatCount, formatDay } from "@/components/ui/format";
import { Input } from "@/components/ui/input";
import { useApi } from "@/components/use-api";
import type { ProjectHoldings } from "@/lib/domain/project/holdings";

type Props = { projectId: string; name: string; holdings: ProjectHoldings };

/** What can be taken back for seven days, and then no more. */
export function DangerSection({ projectId, name, holdings }: Props) {
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const remove = useApi({
    send: () =>
      api("DELETE /api/projects/[project]", { params: { project: projectId }, body: { confirmName: typed } }),
    message: ({ deletesAt }) => `${name} will be deleted on ${formatDay(deletesAt)}.`,
    hasForm: true,
    done: () => router.push("/projects"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate(undefined);
  };
  return (
    <Section id="delete" title="Delete this project" className="border-destructive/50">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 flex-1 basis-64 text-muted-foreground leading-relaxed">
          It stops at once: its URLs answer 404, and what waits is cancelled. For seven days you can undo
          that; then its messages, runs, logs and workflows are gone for good.
        </p>
        <Dialog onOpenChange={() => setTyped("")}>
          <DialogTrigger asChild>
            <Button variant="destructive">Delete project</Button>
          </DialogTrigger>
          <DialogContent
            title={`Delete ${name}?`}
            description="It stops at once, for everybody. In seven days all of this is deleted for good."
          >
            <form onSubmit={submit} className="grid gap-4">
              <Holdings holdings={holdings} />
              <Field label={`Type ${name} to confirm`} error={remove.problems.confirmName}>
                <Input
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                  autoComplete="off"
                  spellCheck={false}
                />
              </Field>
              <FormError>{remove.problems.confirmName ? null : remove.error?.message}</FormError>
              <DialogActions
                cancel="Keep it"
                submit="Delete project"
                isDestructive
                disabled={typed !== name || remove.isPending}
              />
            </form>
          </DialogContent>
        </Dialog>
      </div>
    </Section>
  );
}

function Holdings({ holdings }: { holdings: ProjectHoldings }) {
  const { messages, runs, waitingRuns, workflows, members, credentials, tokens } = holdings;
  const lines = [
    `${some(messages, "message")} and ${some(runs, "run")} with their logs`,
    `${formatCount(workflows, "workflow")}, with every version`,
    ...(waitingRuns > 0
      ? [`${some(waitingRuns, "waiting run")} ${waitingRuns === 1 ? "is" : "are"} cancelled now`]
      : []),
    ...(members > 1
      ? [`${formatCount(members - 1, "other collaborator")} ${members === 2 ? "loses" : "lose"} it`]
      : []),
    ...(tokens > 0
      ? [`${formatCount(tokens, "API token")} that ${tokens === 1 ? "is" : "are"} good for it alone`]
      : []),
    ...(credentials > 0
      ? [
          `${formatCount(credentials, "shared credential")} ${credentials === 1 ? "stays with its owner" : "stay with their owners"}`,
        ]
      : []),
  ];
  return (
    <ul className="grid list-disc gap-1 pl-5 text-muted-foreground">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** Counting has stopped there. */
const some = (n: number, one: string): string => (n >= 1_000 ? `1,000 or more ${one}s` : formatCount(n, one));
