"use client";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import type { Webhook } from "@/components/senders/protect-fields";
import { ProtectFields } from "@/components/senders/protect-fields";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { useApi } from "@/components/use-api";
import type { AuthMethodSummary } from "@/lib/domain/auth-method/list";

type Props = { projectId: string; method: AuthMethodSummary; webhooks: Webhook[] };

/** Chooses the URLs that a method protects. */
export function ProtectDialog({ projectId, method, webhooks }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [onInbox, setOnInbox] = useState(method.onInbox);
  const [triggerIds, setTriggerIds] = useState(method.triggerIds);
  const save = useApi({
    send: () =>
      api("PATCH /api/projects/[project]/auth-methods/[method]", {
        params: { project: projectId, method: method.id },
        body: { onInbox, triggerIds },
      }),
    message: "Saved.",
    hasForm: true,
    done: () => setOpen(false),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline" size="sm" aria-label={`Choose what ${method.name} protects`}>
          Protects…
        </Button>
      </DialogTrigger>
      <DialogContent title={`What ${method.name} protects`}>
        <form onSubmit={submit} className="grid gap-4">
          <ProtectFields {...{ onInbox, setOnInbox, triggerIds, setTriggerIds, webhooks }} />
          <FormError>{save.error?.message}</FormError>
          <DialogActions submit="Save" disabled={save.isPending} />
        </form>
      </DialogContent>
    </Dialog>
  );
}
