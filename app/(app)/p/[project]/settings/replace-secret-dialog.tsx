"use client";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { SecretOnce } from "@/components/account/secret-once";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogActions,
  DialogClose,
  DialogContent,
  DialogFooter,
  DialogTrigger,
} from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { AuthMethodSummary } from "@/lib/domain/auth-method/list";

type Props = { projectId: string; method: AuthMethodSummary };

const dayMs = 86_400_000;
const day = (fromNow: number) => new Date(Date.now() + fromNow * dayMs).toISOString().slice(0, 10);

/** Gives a method another secret, and says until which day the old one counts too. */
export function ReplaceSecretDialog({ projectId, method }: Props) {
  const [isOpen, setOpen] = useState(false);
  const isKey = method.type === "api";
  const params = { project: projectId, method: method.id };
  const replace = useApi({
    send: async (form: FormData) => {
      const secret = String(form.get("secret") ?? "");
      const until = String(form.get("until") ?? "");
      // The day itself still counts.
      const oldEndsAt = until && new Date(Date.parse(until) + dayMs).toISOString();
      await api("PUT /api/projects/[project]/auth-methods/[method]/secret", {
        params,
        body: { ...(secret && { secret }), oldEndsAt: oldEndsAt || null },
      });
      if (!isKey || secret) return { secret: null };
      return api("GET /api/projects/[project]/auth-methods/[method]/secret", { params });
    },
    message: "The secret is replaced.",
    hasForm: true,
    done: ({ secret }) => secret === null && setOpen(false),
  });
  const change = (open: boolean) => {
    setOpen(open);
    if (!open) replace.reset();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    replace.mutate(new FormData(event.currentTarget));
  };
  const { problems } = replace;
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogTrigger asChild>
        <Button variant="outline" size="sm" aria-label={`Replace the secret of ${method.name}`}>
          Replace…
        </Button>
      </DialogTrigger>
      {replace.data?.secret ? (
        <DialogContent title="The new API key" description="Senders put it in the header x-api-key.">
          <SecretOnce label="API key" value={replace.data.secret} />
          <DialogFooter>
            <DialogClose asChild>
              <Button>Done</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      ) : (
        <DialogContent
          title={`Replace the secret of ${method.name}`}
          description="Both count until the day that you choose, so that senders can be told one after the other."
        >
          <Form onSubmit={submit} saved={replace.isSuccess} className="grid gap-4">
            <Field
              label={isKey ? "New API key" : method.type === "basic" ? "New password" : "New secret"}
              hint={isKey ? "Empty: one is made." : "At least 8 characters."}
              error={problems.secret}
            >
              <Input
                name="secret"
                type="password"
                required={!isKey}
                minLength={8}
                maxLength={500}
                autoComplete="new-password"
              />
            </Field>
            <Field
              label="The old one counts until the end of"
              hint="In UTC. Empty: it ends at once. A secret that ends already does so now."
              error={problems.oldEndsAt}
            >
              <Input name="until" type="date" defaultValue={day(14)} min={day(0)} max={day(364)} />
            </Field>
            <FormError>{problems.secret || problems.oldEndsAt ? null : replace.error?.message}</FormError>
            <DialogActions submit="Replace the secret" disabled={replace.isPending} />
          </Form>
        </DialogContent>
      )}
    </Dialog>
  );
}
