"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { formatCount, formatDay } from "@/components/ui/format";
import { Input } from "@/components/ui/input";
import { useApi } from "@/components/use-api";
import type { AccountHoldings } from "@/lib/domain/user/holdings";

type Props = { email: string; holdings: AccountHoldings };

/** Leaving for good: what goes, who would miss it, and seven days to think again. */
export function DeleteSection({ email, holdings }: Props) {
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [deleteProjects, setDeleteProjects] = useState(false);
  const owned = holdings.ownedProjects;
  const remove = useApi({
    send: () => api("DELETE /api/account", { body: { confirmEmail: typed, deleteProjects } }),
    message: ({ deletesAt }) =>
      `Your account will be deleted on ${formatDay(deletesAt)}. Sign in to undo that.`,
    hasForm: true,
    done: () => router.push("/sign-in"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate(undefined);
  };
  return (
    <Section id="delete" title="Delete your account" className="border-destructive/50">
      <div className="grid gap-3">
        <p className="text-muted-foreground leading-relaxed">
          You are signed out everywhere at once. For seven days, signing in lets you undo that; then your
          account is gone for good, and records that name you say “deleted user”.
        </p>
        <Losses holdings={holdings} />
        <Dialog onOpenChange={() => setTyped("")}>
          <DialogTrigger asChild>
            <Button variant="destructive" className="justify-self-end">
              Delete account
            </Button>
          </DialogTrigger>
          <DialogContent
            title="Delete your account?"
            description="Sessions and API tokens end now. In seven days the rest is deleted for good."
          >
            <form onSubmit={submit} className="grid gap-4">
              {owned.length > 0 ? (
                <label htmlFor="delete-projects" className="flex items-start gap-2.5 leading-relaxed">
                  <Checkbox
                    id="delete-projects"
                    className="mt-0.5"
                    checked={deleteProjects}
                    onCheckedChange={setDeleteProjects}
                  />
                  <span>
                    Delete {owned.length === 1 ? "the project" : `the ${owned.length} projects`} that I own,
                    too: {owned.map(({ name }) => name).join(", ")}
                  </span>
                </label>
              ) : null}
              <Field label={`Type ${email} to confirm`} error={remove.problems.confirmEmail}>
                <Input
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                  autoComplete="off"
                  spellCheck={false}
                />
              </Field>
              <FormError>{remove.problems.confirmEmail ? null : remove.error?.message}</FormError>
              <DialogFooter className="mt-1">
                <DialogClose asChild>
                  <Button variant="outline">Keep it</Button>
                </DialogClose>
                <Button
                  type="submit"
                  variant="destructive"
                  disabled={typed !== email || (owned.length > 0 && !deleteProjects) || remove.isPending}
                >
                  Delete account
                </Button>
              </DialogFooter>
            </form>
          </DialogContent>
        </Dialog>
      </div>
    </Section>
  );
}

function Losses({ holdings }: { holdings: AccountHoldings }) {
  const { ownedProjects, memberships, sharedCredentials, credentials, tokens } = holdings;
  return (
    <ul className="grid list-disc gap-1 pl-5 leading-relaxed">
      {ownedProjects.length > 0 ? (
        <li>
          You own{" "}
          {ownedProjects.map(({ id, name }, i) => (
            <span key={id}>
              {i > 0 ? ", " : ""}
              <Link href={`/p/${id}/collaborators`} className="text-accent underline underline-offset-3">
                {name}
              </Link>
            </span>
          ))}
          : hand over what shall stay, or delete it too.
        </li>
      ) : null}
      {memberships.length > 0 ? <li>You leave {memberships.map(({ name }) => name).join(", ")}.</li> : null}
      {sharedCredentials.map(({ name, project }) => (
        <li key={`${name} ${project.id}`}>
          Jobs of {project.name} lose your credential {name} when the seven days are over.
        </li>
      ))}
      <li>
        {formatCount(credentials, "credential")} and {formatCount(tokens, "API token")} go with it.
      </li>
    </ul>
  );
}
