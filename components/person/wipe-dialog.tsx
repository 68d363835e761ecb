"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Eraser } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { formatCount } from "@/components/ui/format";
import { Label } from "@/components/ui/label";
import { Textarea } from "@/components/ui/textarea";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { PersonDetail } from "@/lib/domain/person/schemas";
import type { PersonKind } from "@/lib/words";

type Props = { projectId: string; request: PersonDetail; left: ReadonlySet<number> };

/** Asks which kinds are wiped, and why: it cannot be taken back. */
export function WipeDialog({ projectId, request, left }: Props) {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const wipeable = request.kinds.filter(({ canBeWiped }) => canBeWiped);
  const [chosen, setChosen] = useState<ReadonlySet<PersonKind>>(
    new Set(wipeable.filter(({ isAskedFor }) => !isAskedFor).map(({ kind }) => kind)),
  );
  const wipe = useApi({
    send: () =>
      api("POST /api/projects/[project]/persons/[person]/wipe", {
        params: { project: projectId, person: request.id },
        body: { reason, kinds: [...chosen], leave: [...left] },
      }),
    done: () => {
      setOpen(false);
      void queries.invalidateQueries({ queryKey: ["person", projectId, request.id] });
    },
    hasForm: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    wipe.mutate(undefined);
  };
  const choose = (kind: PersonKind, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(kind);
    else next.delete(kind);
    setChosen(next);
  };
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="destructive" disabled={wipeable.length === 0}>
          <Eraser aria-hidden /> Wipe…
        </Button>
      </DialogTrigger>
      <DialogContent
        title="Wipe this person's data?"
        description="It cannot be taken back. Backups, and systems that jobs sent something to, are not reached. What runs have in hand waits for their end."
      >
        <Form onSubmit={submit} saved={wipe.isSuccess} className="grid gap-4">
          <fieldset className="grid gap-2.5">
            <legend className="caption mb-1.5">What is wiped</legend>
            {wipeable.map(({ kind, count, name, says }) => (
              <div key={kind} className="flex items-start gap-2.5">
                <Checkbox
                  id={`wipe-${kind}`}
                  aria-describedby={`wipe-${kind}-says`}
                  className="mt-0.5"
                  checked={chosen.has(kind)}
                  onCheckedChange={(checked) => choose(kind, checked)}
                />
                <div className="grid gap-0.5">
                  <Label htmlFor={`wipe-${kind}`}>
                    {count.toLocaleString("en")} {name}
                  </Label>
                  <p id={`wipe-${kind}-says`} className="text-muted-foreground text-xs leading-relaxed">
                    {says}
                  </p>
                </div>
              </div>
            ))}
            {left.size > 0 ? (
              <p className="text-muted-foreground text-xs">
                {formatCount(left.size, "thing")} stay as they are.
              </p>
            ) : null}
          </fieldset>
          <Field
            label="Why"
            hint="It stands in the certificate, so leave out whom it is about."
            error={wipe.problems.reason}
          >
            <Textarea rows={2} required value={reason} onChange={(event) => setReason(event.target.value)} />
          </Field>
          <FormError>{wipe.problems.reason ? null : wipe.error?.message}</FormError>
          <DialogFooter>
            <DialogClose asChild>
              <Button variant="outline">Keep everything</Button>
            </DialogClose>
            <Button type="submit" variant="destructive" disabled={wipe.isPending || chosen.size === 0}>
              Wipe for good
            </Button>
          </DialogFooter>
        </Form>
      </DialogContent>
    </Dialog>
  );
}
