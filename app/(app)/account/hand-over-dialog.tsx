"use client";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";

/** Offers a credential to a collaborator, whose it is once they accept. */
export function HandOverDialog({ credential }: { credential: { id: string; name: string } }) {
  const [isOpen, setOpen] = useState(false);
  const offer = useApi({
    send: (email: string) =>
      api("POST /api/account/credential-transfers", { body: { credentialId: credential.id, email } }),
    message: ({ email }) => `${email} is told, and has two days to accept.`,
    hasForm: true,
    done: () => setOpen(false),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    offer.mutate(String(new FormData(event.currentTarget).get("email") ?? ""));
  };
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline" size="sm" aria-label={`Hand over ${credential.name}`}>
          Hand over
        </Button>
      </DialogTrigger>
      <DialogContent
        title={`Hand ${credential.name} over?`}
        description="Once it is accepted they alone see and change its secret, and you do not any more. The jobs that use it notice nothing."
      >
        <Form onSubmit={submit} saved={offer.isSuccess} className="grid gap-4">
          <Field
            label="E-mail of a collaborator"
            hint="An editor, admin or owner of a project that it is shared with."
            error={offer.problems.email}
          >
            <Input name="email" type="email" required maxLength={320} autoComplete="off" />
          </Field>
          <FormError>{offer.problems.email ? null : offer.error?.message}</FormError>
          <DialogActions cancel="Keep it" submit="Offer it" disabled={offer.isPending} />
        </Form>
      </DialogContent>
    </Dialog>
  );
}
