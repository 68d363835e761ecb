"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { SecretOnce } from "@/components/account/secret-once";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { useApi } from "@/components/use-api";

const terms = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "a year"],
  ["never", "until it is revoked"],
] as const;

/** Makes a token, then shows it: once, because only its hash is kept. */
export function NewTokenDialog({ projects }: { projects: { id: string; name: string }[] }) {
  const [isOpen, setOpen] = useState(false);
  const [project, setProject] = useState("all");
  const [term, setTerm] = useState("90");
  const create = useApi({
    send: (name: string) =>
      api("POST /api/account/tokens", {
        body: {
          name,
          ...(project === "all" ? {} : { projectId: project }),
          ...(term === "never" ? {} : { expiresInDays: Number(term) }),
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
    create.mutate(String(new FormData(event.currentTarget).get("name") ?? ""));
  };
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
        <DialogContent title="New API token">
          <form onSubmit={submit} className="grid gap-4">
            <Field label="Name" hint="What will use it, such as deploy script." error={create.problems.name}>
              <Input name="name" required maxLength={100} autoComplete="off" />
            </Field>
            <Field label="Works in">
              <Select value={project} onValueChange={setProject}>
                <SelectTrigger>
                  <SelectValue />
                </SelectTrigger>
                <SelectContent>
                  <SelectItem value="all">All your projects</SelectItem>
                  {projects.map(({ id, name }) => (
                    <SelectItem key={id} value={id}>
                      Only {name}
                    </SelectItem>
                  ))}
                </SelectContent>
              </Select>
            </Field>
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
            <FormError>{create.problems.name ? null : create.error?.message}</FormError>
            <DialogFooter className="mt-1">
              <DialogClose asChild>
                <Button variant="outline">Cancel</Button>
              </DialogClose>
              <Button type="submit" disabled={create.isPending}>
                Make token
              </Button>
            </DialogFooter>
          </form>
        </DialogContent>
      )}
    </Dialog>
  );
}
