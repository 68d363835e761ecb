"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { CheckList } from "@/components/account/check-list";
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
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { TokenScope } from "@/lib/words";

const hints: ScopeHints = {
  read: "See everything but secrets",
  write: "Change settings, people and credentials",
  deploy: "Save workflows and adaptors, import projects",
  run: "Run, rerun, cancel and resend",
};
type Project = { id: string; name: string };

/** Makes a token, then shows it: once, because only its hash is kept. */
export function NewTokenDialog({ projects }: { projects: Project[] }) {
  const [isOpen, setOpen] = useState(false);
  const [scopes, setScopes] = useState<TokenScope[]>(["read"]);
  const [where, setWhere] = useState<"all" | "chosen">("all");
  const [chosen, setChosen] = useState<string[]>([]);
  const [term, setTerm] = useState("90");
  const create = useApi({
    send: ({ name, day }: { name: string; day: string }) =>
      api("POST /api/account/tokens", {
        body: {
          name,
          scopes,
          ...(where === "all" ? {} : { projectIds: chosen }),
          ...endOf(term, day),
        },
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
  const isShownAbove = ["name", "scopes", "projectIds", "expiresAt"].some((field) => field in problems);
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogTrigger asChild>
        <Button>
          <Plus aria-hidden /> New token
        </Button>
      </DialogTrigger>
      {create.data ? (
        <DialogContent
          title="Copy your token now"
          description="It is shown this once. We keep only its fingerprint."
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
          title="New API token"
          description="It never does more than you may, and never reads secrets or touches your account."
        >
          <Form onSubmit={submit} saved={create.isSuccess} className="grid gap-4">
            <Field label="Name" hint="What will use it, such as deploy script." error={problems.name}>
              <Input name="name" required maxLength={100} autoComplete="off" />
            </Field>
            <ScopeField hints={hints} chosen={scopes} onChange={setScopes} problems={problems} />
            <Field label="Works in">
              <Select value={where} onValueChange={(to) => setWhere(to === "chosen" ? "chosen" : "all")}>
                <SelectTrigger>
                  <SelectValue />
                </SelectTrigger>
                <SelectContent>
                  <SelectItem value="all">All your projects</SelectItem>
                  <SelectItem value="chosen">Chosen projects</SelectItem>
                </SelectContent>
              </Select>
            </Field>
            {where === "chosen" ? (
              <CheckList
                label="Projects"
                options={projects}
                chosen={chosen}
                onChange={setChosen}
                error={problems.projectIds}
              />
            ) : null}
            <TermField term={term} onChange={setTerm} problems={problems} />
            <FormError>{isShownAbove ? null : create.error?.message}</FormError>
            <DialogActions submit="Make token" disabled={create.isPending} />
          </Form>
        </DialogContent>
      )}
    </Dialog>
  );
}
