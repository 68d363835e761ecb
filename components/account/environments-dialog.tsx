"use client";
import { Layers, Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/components/api";
import { HostsField, hostsOf, hostsProblem, shownHosts } from "@/components/hosts-field";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Dialog, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { RelativeTime } from "@/components/ui/relative-time";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { CredentialSummary } from "@/lib/domain/credential/list";
import { Secret } from "./credential-dialog";
import { FormError } from "./form-error";
import { Row } from "./section";
import { useSecret } from "./use-secret";

type Environment = CredentialSummary["environments"][number];

/** What one of the reader's own credentials is in environments other than `main`. */
export function EnvironmentsDialog({ credential }: { credential: CredentialSummary }) {
  const { name, environments } = credential;
  const [isOpen, setOpen] = useState(false);
  /** Null: the list. */
  const [edited, setEdited] = useState<{ environment: Environment | null } | null>(null);
  return (
    <Dialog
      open={isOpen}
      onOpenChange={(open) => {
        setOpen(open);
        setEdited(null);
      }}
    >
      <DialogTrigger asChild>
        <Button variant="outline" size="sm" aria-label={`Environments of ${name}`}>
          Environments
        </Button>
      </DialogTrigger>
      <DialogContent
        title={`Environments of ${name}`}
        description="What it is there instead of in main. A project says in its settings which environment it is in; its jobs get nothing of the others."
      >
        {edited ? (
          <EnvironmentForm
            credential={credential}
            environment={edited.environment}
            onDone={() => setEdited(null)}
          />
        ) : (
          <div className="grid gap-4">
            {environments.length === 0 ? (
              <p className="text-muted-foreground">
                It is in main alone, where its own form says what it is.
              </p>
            ) : (
              <ul className="rounded-md border">
                {environments.map((environment) => (
                  <EnvironmentRow
                    key={environment.env}
                    credential={credential}
                    environment={environment}
                    onEdit={() => setEdited({ environment })}
                  />
                ))}
              </ul>
            )}
            <Button
              variant="outline"
              className="justify-self-start"
              onClick={() => setEdited({ environment: null })}
            >
              <Plus aria-hidden /> Add an environment
            </Button>
          </div>
        )}
      </DialogContent>
    </Dialog>
  );
}

type RowProps = { credential: CredentialSummary; environment: Environment; onEdit: () => void };

function EnvironmentRow({ credential, environment, onEdit }: RowProps) {
  const { env, allowedHosts, updatedAt } = environment;
  const remove = useApi({
    send: () =>
      api("DELETE /api/account/credentials/[credential]/environments/[env]", {
        params: { credential: credential.id, env },
      }),
    message: `It is nothing in ${env} any more.`,
  });
  const there = credential.projects.filter((project) => project.env === env).map(({ name }) => name);
  return (
    <Row
      actions={
        <>
          <Button variant="outline" size="sm" aria-label={`Edit ${env}`} onClick={onEdit}>
            Edit
          </Button>
          <Confirm
            trigger={
              <Button variant="outline" size="sm" aria-label={`Delete ${env}`}>
                Delete
              </Button>
            }
            title={`Delete what ${credential.name} is in ${env}?`}
            description={
              there.length > 0
                ? `Steps that get it fail in ${there.join(", ")}, until it is something there again.`
                : `No project that has it is in ${env}.`
            }
            action="Delete"
            destructive
            onConfirm={() => remove.mutate(undefined)}
          />
        </>
      }
    >
      <span className="flex items-center gap-2 font-medium">
        <Layers aria-hidden className="size-4 text-muted-foreground" />
        {env}
      </span>
      <span className="text-muted-foreground text-xs">
        stored <RelativeTime value={updatedAt} />
        {allowedHosts ? `, sent only to ${shownHosts(allowedHosts)}` : null}
        {there.length > 0 ? `, for ${there.join(", ")}` : null}
      </span>
    </Row>
  );
}

type FormProps = { credential: CredentialSummary; environment: Environment | null; onDone: () => void };

function EnvironmentForm({ credential, environment, onDone }: FormProps) {
  const [env, setEnv] = useState(environment?.env ?? missingEnvironment(credential));
  const [hosts, setHosts] = useState((environment?.allowedHosts ?? []).join("\n"));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const secret = useSecret(environment ? { schema: credential.schema } : undefined, credential.schema);
  const save = useApi({
    send: (body: Record<string, unknown> | undefined) => {
      const allowedHosts = hostsOf(hosts);
      const isSame = String(allowedHosts) === String(environment?.allowedHosts ?? null);
      return api("PUT /api/account/credentials/[credential]/environments/[env]", {
        params: { credential: credential.id, env: env.trim() || " " },
        body: { ...(body ? { body } : {}), ...(isSame ? {} : { allowedHosts }) },
      });
    },
    message: `It is stored for ${env}.`,
    hasForm: true,
    done: onDone,
  });
  const hostProblem = hostsProblem(save.problems, "allowedHosts");
  const isShownAbove = save.problems.env || save.problems.body || hostProblem;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = secret.read();
    setProblems("problems" in read ? read.problems : {});
    if ("body" in read) save.mutate(secret.draft ? read.body : undefined);
  };
  const shown = { ...problems, ...(save.problems.body ? { body: save.problems.body.join(" ") } : {}) };
  return (
    <Form onSubmit={submit} saved={save.isSuccess} className="grid gap-4">
      <Field
        label="Environment"
        hint="Small letters, digits, hyphens and underscores, such as staging."
        error={save.problems.env}
      >
        <Input
          value={env}
          onChange={(event) => setEnv(event.target.value)}
          required
          readOnly={environment !== null}
          maxLength={32}
          autoComplete="off"
          spellCheck={false}
          placeholder="staging"
        />
      </Field>
      <Secret
        credential={environment ? { id: credential.id, env: environment.env } : undefined}
        hasOneForm
        secret={secret}
        problems={shown}
        onProblems={setProblems}
      />
      <HostsField
        label="Hosts that it may be sent to there"
        empty="those of main"
        value={hosts}
        onChange={setHosts}
        error={hostProblem}
      />
      <FormError>{isShownAbove ? null : save.error?.message}</FormError>
      <DialogFooter className="mt-1">
        <Button variant="outline" onClick={onDone}>
          Back
        </Button>
        <Button type="submit" disabled={save.isPending}>
          Save environment
        </Button>
      </DialogFooter>
    </Form>
  );
}

/** One that a project is in which has the credential, and that it is nothing in yet. */
function missingEnvironment({ projects, environments }: CredentialSummary): string {
  const has = (env: string | null) => env === null || environments.some((one) => one.env === env);
  return projects.find(({ env }) => !has(env))?.env ?? "";
}
