"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { SecretOnce } from "@/components/account/secret-once";
import { endOf, ScopeField, type ScopeHints, TermField } from "@/components/account/token-fields";
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
import type { TokenScope } from "@/lib/words";

const hints: ScopeHints = {
  read: "Pull the project; see everything but secrets",
  write: "Change settings; never people or credentials",
  deploy: "Deploy the project, save workflows and adaptors",
  run: "Run, rerun, cancel and resend",
};

/** Makes a repository's token, then shows it: once, because only its hash is kept. */
export function RepositoryTokenDialog({ projectId }: { projectId: string }) {
  const [isOpen, setOpen] = useState(false);
  const [scopes, setScopes] = useState<TokenScope[]>(["read", "deploy"]);
  const [term, setTerm] = useState("365");
  const create = useApi({
    send: ({ name, day }: { name: string; day: string }) =>
      api("POST /api/projects/[project]/tokens", {
        params: { project: projectId },
        body: { name, scopes, ...endOf(term, day) },
      }),
    hasForm: true,
  });
  const change = (open: boolean) => {
    setOpen(open);
    if (!open) create.reset();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    create.mutate({ name: String(data.get("name") ?? ""), day: String(data.get("day") ?? "") });
  };
  const { problems } = create;
  const isShownAbove = ["name", "scopes", "expiresAt"].some((field) => field in problems);
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogTrigger asChild>
        <Button variant="outline" size="sm">
          <Plus aria-hidden /> New token
        </Button>
      </DialogTrigger>
      {create.data ? (
        <DialogContent
          title="Copy the token now"
          description="It is shown this once. Keep it among your repository's secrets, as OPENFN_API_KEY."
        >
          <SecretOnce label="Token" value={create.data.token} />
          <DialogFooter>
            <DialogClose asChild>
              <Button>I have copied it</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      ) : (
        <DialogContent
          title="New repository token"
          description="It works in this project alone, and never reads secrets."
        >
          <Form onSubmit={submit} saved={create.isSuccess} className="grid gap-4">
            <Field label="Name" hint="The repository that will use it." error={problems.name}>
              <Input name="name" required maxLength={100} autoComplete="off" />
            </Field>
            <ScopeField hints={hints} chosen={scopes} onChange={setScopes} problems={problems} />
            <TermField term={term} onChange={setTerm} problems={problems} />
            <FormError>{isShownAbove ? null : create.error?.message}</FormError>
            <DialogActions submit="Make token" disabled={create.isPending} />
          </Form>
        </DialogContent>
      )}
    </Dialog>
  );
}
