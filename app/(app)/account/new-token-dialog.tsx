"use client";
import { Plus } from "lucide-react";
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
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import { type TokenScope, tokenScopes } from "@/lib/words";
import { CheckList } from "./check-list";

const terms = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "a year"],
  ["date", "until a day"],
  ["never", "until it is revoked"],
] as const;

const meaning: Record<TokenScope, string> = {
  read: "See everything but secrets",
  write: "Change settings, people and credentials",
  deploy: "Save workflows and adaptors, import projects",
  run: "Run, rerun, cancel and resend",
};
const scopeOptions = tokenScopes.map((scope) => ({ id: scope, name: scope, hint: meaning[scope] }));

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
          ...(term === "never"
            ? {}
            : term === "date"
              ? { expiresAt: endOf(day) }
              : { expiresInDays: Number(term) }),
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
            <CheckList
              label="It may"
              options={scopeOptions}
              chosen={scopes}
              onChange={(ids) => setScopes(tokenScopes.filter((scope) => ids.includes(scope)))}
              error={problems.scopes}
            />
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
            <Field label="Valid for">
              <Select value={term} onValueChange={setTerm}>
                <SelectTrigger>
                  <SelectValue />
                </SelectTrigger>
                <SelectContent>
                  {terms.map(([value, label]) => (
                    <SelectItem key={value} value={value}>
                      {label}
                    </SelectItem>
                  ))}
                </SelectContent>
              </Select>
            </Field>
            {term === "date" ? (
              <Field label="Last day" error={problems.expiresAt}>
                <Input type="date" name="day" required />
              </Field>
            ) : null}
            <FormError>{isShownAbove ? null : create.error?.message}</FormError>
            <DialogActions submit="Make token" disabled={create.isPending} />
          </Form>
        </DialogContent>
      )}
    </Dialog>
  );
}

/** The last moment of a day where the reader is. */
const endOf = (day: string): string => new Date(`${day}T23:59:59`).toISOString();
