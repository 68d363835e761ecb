"use client";
import { type FormEvent, useState } from "react";
import { CodeField } from "@/components/account/code-field";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { useApi } from "@/components/use-api";

export function TurnOffDialog() {
  const [isOpen, setOpen] = useState(false);
  const remove = useApi({
    send: (code: string) => api("DELETE /api/account/second-factor", { body: { code } }),
    message: "The second factor is off.",
    hasForm: true,
    done: () => setOpen(false),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    remove.mutate(String(new FormData(event.currentTarget).get("code") ?? ""));
  };
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline" size="sm">
          Turn off
        </Button>
      </DialogTrigger>
      <DialogContent
        title="Turn the second factor off?"
        description="Your backup codes go with it. Projects that ask for a second factor stay closed until you set one up again."
      >
        <form onSubmit={submit} className="grid gap-4">
          <CodeField label="Code from your app, or a backup code" error={remove.problems.code} />
          <FormError>{remove.problems.code ? null : remove.error?.message}</FormError>
          <DialogActions cancel="Keep it on" submit="Turn off" isDestructive disabled={remove.isPending} />
        </form>
      </DialogContent>
    </Dialog>
  );
}
