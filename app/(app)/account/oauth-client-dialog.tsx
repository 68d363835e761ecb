"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Textarea } from "@/components/ui/textarea";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { OauthClientSummary } from "@/lib/domain/oauth-client/fields";
import { knownProviders } from "@/lib/domain/oauth-client/providers";
import { type OauthProvider, oauthProviders, type TokenAuthMethod, tokenAuthMethods } from "@/lib/words";

type Props = {
  /** Edits this one; makes a new one without it. */
  client?: OauthClientSummary;
  redirectUri: string;
};

/** Stores an application that is registered at a service, or changes it. Its secret is never shown again. */
export function OauthClientDialog({ client, redirectUri }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        {client ? (
          <Button variant="outline" size="sm" aria-label={`Edit ${client.name}`}>
            Edit
          </Button>
        ) : (
          <Button variant="outline">
            <Plus aria-hidden /> New client
          </Button>
        )}
      </DialogTrigger>
      <DialogContent
        title={client ? `Edit ${client.name}` : "New OAuth2 client"}
        description={`Register an application at the service with the redirect address ${redirectUri}, and enter here what it gives you.`}
      >
        <ClientForm client={client} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

const labels: Record<OauthProvider, string> = {
  google: knownProviders.google.label,
  salesforce: knownProviders.salesforce.label,
  microsoft: knownProviders.microsoft.label,
  generic: "Another service",
};

const proofs: Record<TokenAuthMethod, string> = {
  client_secret_post: "With its secret, in the form",
  client_secret_basic: "With its secret, in the header (Basic)",
  none: "Without a secret: a public client (PKCE)",
};

function ClientForm({ client, onDone }: { client: OauthClientSummary | undefined; onDone: () => void }) {
  const [provider, setProvider] = useState<OauthProvider>(client?.provider ?? "google");
  const [tokenAuth, setTokenAuth] = useState<TokenAuthMethod>(client?.own?.tokenAuth ?? "client_secret_post");
  const known = provider === "generic" ? undefined : knownProviders[provider];
  const save = useApi({
    send: (form: FormData) => store(client, provider, tokenAuth, form),
    message: "The client is saved.",
    hasForm: true,
    done: onDone,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  const { problems } = save;
  const { own } = client ?? {};
  const isPublic = tokenAuth === "none";
  const secretHint = client && own?.hasSecret ? "Empty: the one that is stored stays." : null;
  return (
    <Form onSubmit={submit} saved={save.isSuccess} className="grid gap-4">
      {client ? null : (
        <Field
          label="Service"
          hint={known ? `Register the application at ${new URL(known.registerAt).host}.` : null}
        >
          <Select value={provider} onValueChange={(to) => setProvider(to as OauthProvider)}>
            <SelectTrigger>
              <SelectValue />
            </SelectTrigger>
            <SelectContent>
              {oauthProviders.map((one) => (
                <SelectItem key={one} value={one}>
                  {labels[one]}
                </SelectItem>
              ))}
            </SelectContent>
          </Select>
        </Field>
      )}
      <Field label="Name" error={problems.name}>
        <Input name="name" required maxLength={100} autoComplete="off" defaultValue={client?.name} />
      </Field>
      <Field label="Client id" error={problems.clientId}>
        <Input name="clientId" required maxLength={500} autoComplete="off" defaultValue={own?.clientId} />
      </Field>
      <Field label="How it proves itself" error={problems.tokenAuth}>
        <Select value={tokenAuth} onValueChange={(to) => setTokenAuth(to as TokenAuthMethod)}>
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {tokenAuthMethods.map((one) => (
              <SelectItem key={one} value={one}>
                {proofs[one]}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      </Field>
      {isPublic ? null : (
        <Field label="Client secret" hint={secretHint} error={problems.clientSecret}>
          <Input
            name="clientSecret"
            type="password"
            required={!own?.hasSecret}
            maxLength={2_000}
            autoComplete="new-password"
          />
        </Field>
      )}
      {known && !client ? null : (
        <>
          <Field label="Address of the consent page" error={problems.authorizationUrl}>
            <Input
              name="authorizationUrl"
              type="url"
              required
              defaultValue={own?.authorizationUrl}
              placeholder="https://login.example.org/oauth2/authorize"
            />
          </Field>
          <Field label="Address of the token server" error={problems.tokenUrl}>
            <Input
              name="tokenUrl"
              type="url"
              required
              defaultValue={own?.tokenUrl}
              placeholder="https://login.example.org/oauth2/token"
            />
          </Field>
        </>
      )}
      <Field
        label="Scopes"
        hint="What it asks for, with blanks between. Ask for no more than the jobs need."
        error={problems.scopes}
      >
        <Textarea
          key={provider}
          name="scopes"
          defaultValue={client?.scopes ?? known?.scopes ?? ""}
          spellCheck={false}
          className="min-h-16 font-mono text-xs"
        />
      </Field>
      <FormError>{Object.keys(problems).length > 0 ? null : save.error?.message}</FormError>
      <DialogActions submit="Save client" disabled={save.isPending} />
    </Form>
  );
}

async function store(
  client: OauthClientSummary | undefined,
  provider: OauthProvider,
  tokenAuth: TokenAuthMethod,
  form: FormData,
): Promise<void> {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const given = (name: string) => (form.has(name) && text(name) !== "" ? { [name]: text(name) } : {});
  const fields = {
    name: text("name"),
    clientId: text("clientId"),
    tokenAuth,
    scopes: text("scopes").replace(/\s+/g, " "),
    ...(tokenAuth === "none" ? {} : given("clientSecret")),
    ...given("authorizationUrl"),
    ...given("tokenUrl"),
  };
  if (client)
    await api("PATCH /api/account/oauth-clients/[client]", { params: { client: client.id }, body: fields });
  else await api("POST /api/account/oauth-clients", { body: { ...fields, provider } });
}
