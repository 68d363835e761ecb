"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/components/api";
import { HostsField, hostsOf, hostsProblem } from "@/components/hosts-field";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Textarea } from "@/components/ui/textarea";
import { toast } from "@/components/ui/toast";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import { CredentialFields } from "./credential-fields";
import { FormError } from "./form-error";
import { useSecret } from "./use-secret";

type Existing = {
  id: string;
  name: string;
  schema: string;
  allowedHosts: string[] | null;
  expiresAt: string | null;
  externalId: string | null;
};

type Props = {
  /** Edits this one; makes a new one without it. */
  credential?: Existing;
  /** Shares the new one with this project as well. */
  shareWith?: string;
  /** An adaptor, whose form the new one begins with. */
  madeFor?: string;
  /** Told what the new one is called among the project's; the page is not rendered again then. */
  onShared?: (projectCredentialId: string) => void;
  isSmall?: boolean;
};

/** Makes or edits one of the reader's own credentials. Its secret is fetched only when the owner opens it. */
export function CredentialDialog({ credential, shareWith, madeFor, onShared, isSmall = false }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        {credential ? (
          <Button variant="outline" size="sm" aria-label={`Edit ${credential.name}`}>
            Edit
          </Button>
        ) : (
          <Button {...(isSmall ? { variant: "outline", size: "sm" } : {})}>
            <Plus aria-hidden /> New credential
          </Button>
        )}
      </DialogTrigger>
      <DialogContent
        title={credential ? `Edit ${credential.name}` : "New credential"}
        description="Its fields arrive in the job as state.configuration; its values are masked in logs."
      >
        <CredentialForm {...{ credential, shareWith, madeFor, onShared }} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

type FormProps = {
  credential: Existing | undefined;
  shareWith: string | undefined;
  madeFor: string | undefined;
  onShared: Props["onShared"] | undefined;
  onDone: () => void;
};

function CredentialForm({ credential, shareWith, madeFor, onShared, onDone }: FormProps) {
  const [name, setName] = useState(credential?.name ?? "");
  const [hosts, setHosts] = useState((credential?.allowedHosts ?? []).join("\n"));
  const [day, setDay] = useState(credential?.expiresAt?.slice(0, 10) ?? "");
  const [externalId, setExternalId] = useState(credential?.externalId ?? "");
  const [problems, setProblems] = useState<Record<string, string>>({});
  const secret = useSecret(credential, madeFor);
  const [isBegun, setBegun] = useState(madeFor === undefined);
  if (!isBegun && secret.schemas.length > 0) {
    setBegun(true);
    secret.choose(secret.schemas.some((one) => one.name === madeFor) ? (madeFor ?? "raw") : "raw");
  }
  const save = useApi({
    send: (body: Record<string, unknown> | undefined) =>
      store({
        ...{ credential, shareWith, name, schema: secret.schema, body },
        allowedHosts: hostsOf(hosts),
        externalId: externalId.trim() || null,
        expiresAt: endOf(day),
      }),
    message: "The credential is saved.",
    hasForm: true,
    isRefreshed: onShared === undefined,
    done: ({ warnings, sharedId }) => {
      if (sharedId) onShared?.(sharedId);
      for (const warning of warnings) toast.warning(warning, { duration: 12_000 });
      onDone();
    },
  });
  const hostProblem = hostsProblem(save.problems, "allowedHosts");
  const isNamed = save.problems.name || save.problems.externalId;
  const isShownAbove = isNamed || save.problems.body || save.problems.expiresAt || hostProblem;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = secret.read();
    setProblems("problems" in read ? read.problems : {});
    if ("body" in read) save.mutate(secret.draft ? read.body : undefined);
  };
  return (
    <Form onSubmit={submit} saved={save.isSuccess} className="grid gap-4">
      <Field label="Name" error={save.problems.name}>
        <Input
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={100}
          autoComplete="off"
          placeholder="HAPI FHIR test server"
        />
      </Field>
      <Secret
        credential={credential}
        secret={secret}
        problems={{ ...problems, ...(save.problems.body ? { body: save.problems.body.join(" ") } : {}) }}
        onProblems={setProblems}
      />
      <HostsField
        label="Hosts that it may be sent to"
        empty="any that the project allows"
        value={hosts}
        onChange={setHosts}
        error={hostProblem}
      />
      <Field
        label="External id (optional)"
        hint="What messages call whom it is for, such as F001: keychains find it by that."
        error={save.problems.externalId}
      >
        <Input
          value={externalId}
          onChange={(event) => setExternalId(event.target.value)}
          maxLength={255}
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <Field
        label="Last day"
        hint="When its key or password ends, if you know: you are told before."
        error={save.problems.expiresAt}
      >
        <Input type="date" value={day} onChange={(event) => setDay(event.target.value)} />
      </Field>
      <FormError>{isShownAbove ? null : save.error?.message}</FormError>
      <DialogActions submit="Save credential" disabled={save.isPending} />
    </Form>
  );
}

type SecretProps = {
  /** One that is stored, in `main` or in an environment. */
  credential: { id: string; env?: string } | undefined;
  /** Another adaptor's form is not offered. */
  hasOneForm?: boolean;
  secret: ReturnType<typeof useSecret>;
  problems: Record<string, string>;
  onProblems: (problems: Record<string, string>) => void;
};

/** The secret: closed, by an adaptor's form, or as JSON. */
export function Secret({ credential, hasOneForm, secret, problems, onProblems }: SecretProps) {
  const { draft, setDraft, fields } = secret;
  const reveal = useApi({
    send: ({ id, env }: { id: string; env?: string }): Promise<{ body: Record<string, unknown> }> =>
      env === undefined
        ? api("GET /api/account/credentials/[credential]", { params: { credential: id } })
        : api("GET /api/account/credentials/[credential]/environments/[env]", {
            params: { credential: id, env },
          }),
    done: ({ body }) => secret.show(body),
  });
  if (!draft && credential)
    return (
      <div className="flex flex-wrap items-center gap-3 rounded-md border border-dashed px-3 py-3 text-muted-foreground">
        <span className="flex-1">The secret stays as it is.</span>
        <Button
          variant="outline"
          size="sm"
          onClick={() => reveal.mutate(credential)}
          disabled={reveal.isPending}
        >
          Show and change it
        </Button>
      </div>
    );
  const change = () => {
    const read = secret.read();
    onProblems("problems" in read ? read.problems : {});
    if (!("body" in read)) return;
    if (draft?.kind === "form") setDraft({ kind: "json", text: JSON.stringify(read.body, null, 2) });
    else if (!secret.show(read.body))
      onProblems({ body: "A value is not of the kind that the form expects. Change it here." });
  };
  return (
    <>
      {secret.schemas.length > 0 && !hasOneForm ? <SchemaSelect secret={secret} /> : null}
      {draft?.kind === "form" ? (
        <CredentialFields
          fields={fields}
          values={draft.values}
          problems={problems}
          onChange={(values) => setDraft({ ...draft, values })}
        />
      ) : (
        <Field label="Secret (JSON)" error={problems.body}>
          <Textarea
            value={draft?.text ?? ""}
            onChange={(event) => setDraft({ kind: "json", text: event.target.value })}
            spellCheck={false}
            autoComplete="off"
            className="min-h-44 font-mono text-xs"
          />
        </Field>
      )}
      {fields.length > 0 ? (
        <Button variant="link" size="sm" className="justify-self-start" onClick={change}>
          {draft?.kind === "form" ? "Write it as JSON" : "Fill in the form"}
        </Button>
      ) : null}
    </>
  );
}

function SchemaSelect({ secret: { schema, schemas, choose } }: Pick<SecretProps, "secret">) {
  const isUnknown = schema !== "raw" && !schemas.some(({ name }) => name === schema);
  return (
    <Field label="Adaptor" hint="It says what the credential holds. Any job can use it all the same.">
      <Select value={schema} onValueChange={choose}>
        <SelectTrigger>
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          <SelectItem value="raw">None: write JSON</SelectItem>
          {isUnknown ? <SelectItem value={schema}>{schema}</SelectItem> : null}
          {schemas.map(({ name }) => (
            <SelectItem key={name} value={name}>
              {name}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </Field>
  );
}

type Change = {
  credential: Existing | undefined;
  shareWith: string | undefined;
  name: string;
  schema: string;
  body: Record<string, unknown> | undefined;
  allowedHosts: string[] | null;
  expiresAt: string | null;
  externalId: string | null;
};

/** The last moment of a day (UTC). */
const endOf = (day: string): string | null => (day ? `${day}T23:59:59Z` : null);

/** `warnings` say what the adaptor's form does not know or misses; `sharedId` is what the project calls the new one. */
async function store(change: Change): Promise<{ warnings: string[]; sharedId: string | null }> {
  const { credential, shareWith, name, schema, body, ...rest } = change;
  if (credential) {
    const { warnings } = await api("PATCH /api/account/credentials/[credential]", {
      params: { credential: credential.id },
      body: { name, ...rest, ...(body ? { schema, body } : {}) },
    });
    return { warnings, sharedId: null };
  }
  const { id, warnings } = await api("POST /api/account/credentials", {
    body: { name, schema, body: body ?? {}, ...rest },
  });
  if (!shareWith) return { warnings, sharedId: null };
  const shared = await api("POST /api/projects/[project]/credentials", {
    params: { project: shareWith },
    body: { credentialId: id },
  });
  return { warnings, sharedId: shared.id };
}
