"use client";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useApi } from "@/components/use-api";

/** What cannot be taken back. */
export function DangerSection({ projectId, name }: { projectId: string; name: string }) {
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const remove = useApi({
    send: () =>
      api("DELETE /api/projects/[project]", { params: { project: projectId }, body: { confirmName: typed } }),
    message: `${name} is deleted.`,
    hasForm: true,
    done: () => router.push("/projects"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate(undefined);
  };
  return (
    <Section title="Delete this project" className="border-destructive/50">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 flex-1 basis-64 text-muted-foreground leading-relaxed">
          Its messages, runs, logs and workflows go with it, and its URLs answer 404. Nothing brings them
          back.
        </p>
        <Dialog onOpenChange={() => setTyped("")}>
          <DialogTrigger asChild>
            <Button variant="destructive">Delete project</Button>
          </DialogTrigger>
          <DialogContent
            title={`Delete ${name}?`}
            description="All that it holds is deleted at once, for everybody."
          >
            <form onSubmit={submit} className="grid gap-4">
              <Field label={`Type ${name} to confirm`} error={remove.problems.confirmName}>
                <Input
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                  autoComplete="off"
                  spellCheck={false}
                />
              </Field>
              <FormError>{remove.problems.confirmName ? null : remove.error?.message}</FormError>
              <DialogFooter className="mt-1">
                <DialogClose asChild>
                  <Button variant="outline">Keep it</Button>
                </DialogClose>
                <Button type="submit" variant="destructive" disabled={typed !== name || remove.isPending}>
                  Delete project
                </Button>
              </DialogFooter>
            </form>
          </DialogContent>
        </Dialog>
      </div>
    </Section>
  );
}
