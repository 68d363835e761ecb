"use client";
import { useQueryClient } from "@tanstack/react-query";
import { EyeOff } from "lucide-react";
import { useEffect, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { Textarea } from "@/components/ui/textarea";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { MaskedHere } from "@/lib/domain/mask/reveal-types";

type Props = MaskedHere & {
  projectId: string;
  /** What is looked at. */
  of: { messageId: string } | { runId: string };
};

/** Says that something of a receipt or run is masked, lets it be revealed, and tells the owner who did. */
export function MaskingNotice({ masking, reveals, projectId, of }: Props) {
  useMaskAgain(masking?.revealedUntil ?? null);
  if (!masking && reveals.length === 0) return null;
  return (
    <section
      aria-label="What is masked"
      className="grid gap-2 rounded-md border bg-card px-3.5 py-2.5 text-[13px]"
    >
      {masking ? (
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <p className="flex min-w-0 items-start gap-2">
            <EyeOff aria-hidden className="mt-0.5 size-4 shrink-0 text-muted-foreground" />
            {masking.revealedUntil ? (
              <span>
                Revealed to you until <AbsoluteTime value={masking.revealedUntil} />, with the reason that you
                gave.
              </span>
            ) : (
              <span>
                What this project masks for your role is shown as •••, wherever it stands. A text that could
                hold anything is hidden whole, such as the log of a job that is running.
              </span>
            )}
          </p>
          {masking.mayReveal && !masking.revealedUntil ? <RevealDialog {...{ projectId, of }} /> : null}
        </div>
      ) : null}
      {reveals.length > 0 ? (
        <div>
          <h2 className="font-medium">Revealed by</h2>
          <ul>
            {reveals.map(({ by, reason, at }) => (
              <li key={`${by} ${at}`} className="[overflow-wrap:anywhere]">
                {by}, <AbsoluteTime value={at} />: {reason}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </section>
  );
}

/** What was read while it was revealed is asked for again when that ends. */
function useMaskAgain(until: string | null): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!until) return;
    const timer = setTimeout(() => void queries.resetQueries(), Math.max(0, Date.parse(until) - Date.now()));
    return () => clearTimeout(timer);
  }, [until, queries]);
}

function RevealDialog({ projectId, of }: Pick<Props, "projectId" | "of">) {
  const [isOpen, setOpen] = useState(false);
  const queries = useQueryClient();
  const reveal = useApi({
    send: (reason: string) =>
      "messageId" in of
        ? api("POST /api/projects/[project]/messages/[id]/reveal", {
            params: { project: projectId, id: of.messageId },
            body: { reason },
          })
        : api("POST /api/projects/[project]/runs/[id]/reveal", {
            params: { project: projectId, id: of.runId },
            body: { reason },
          }),
    message: "Revealed for fifteen minutes.",
    done: () => {
      setOpen(false);
      void queries.invalidateQueries();
    },
    hasForm: true,
  });
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm" variant="outline">
          Reveal…
        </Button>
      </DialogTrigger>
      <DialogContent
        title="Reveal what is masked"
        description="You see this message and what was done with it for fifteen minutes. Your reason is written down, and the project's owner and admins read it."
      >
        <Form
          saved={reveal.isSuccess}
          onSubmit={(event) => {
            event.preventDefault();
            reveal.mutate(String(new FormData(event.currentTarget).get("reason") ?? ""));
          }}
          className="grid grid-cols-1 gap-4"
        >
          <Field
            label="Why do you need to see it?"
            hint="In ten characters or more."
            error={reveal.problems.reason}
          >
            <Textarea name="reason" minLength={10} maxLength={500} required />
          </Field>
          <FormError>{reveal.problems.reason ? null : reveal.error?.message}</FormError>
          <DialogFooter className="mt-0">
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={reveal.isPending}>
              Reveal
            </Button>
          </DialogFooter>
        </Form>
      </DialogContent>
    </Dialog>
  );
}
