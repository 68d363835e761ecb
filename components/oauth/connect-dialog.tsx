"use client";
import { Link2 } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { OauthClientSummary } from "@/lib/domain/oauth-client/fields";

type Props = {
  clients: OauthClientSummary[];
  /** Connects this one again; makes a new one without it. */
  credential?: { id: string; name: string; oauthClient: { id: string } | null };
  /** Shares the new one with this project as well. */
  shareWith?: string;
  trigger?: ReactNode;
};

/** Chooses a client, then leaves for its service's consent page, which leads back to /connect. */
export function ConnectDialog({ clients, credential, shareWith, trigger }: Props) {
  const [isOpen, setOpen] = useState(false);
  const usual = clients.find(({ id }) => id === credential?.oauthClient?.id) ?? clients[0];
  const [clientId, setClientId] = useState(usual?.id ?? "");
  const begin = useApi({
    send: (name: string) =>
      api("POST /api/account/oauth-clients/[client]/consent", {
        params: { client: clientId },
        body: credential ? { credentialId: credential.id } : { name, ...(shareWith ? { shareWith } : {}) },
      }),
    hasForm: true,
    isRefreshed: false,
    done: ({ url }) => window.location.assign(url),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    begin.mutate(String(new FormData(event.currentTarget).get("name") ?? ""));
  };
  const client = clients.find(({ id }) => id === clientId);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        {trigger ?? (
          <Button variant="outline">
            <Link2 aria-hidden /> Connect
          </Button>
        )}
      </DialogTrigger>
      <DialogContent
        title={credential ? `Connect ${credential.name} again` : "Connect a credential"}
        description="You sign in at the service and say what Waybill may do there. Its tokens are kept encrypted and renewed by themselves."
      >
        <Form onSubmit={submit} saved={begin.isSuccess} className="grid gap-4">
          <Field
            label="Service"
            hint={client ? `You are sent to ${client.hosts.join(", then tokens come from ")}.` : null}
          >
            <Select value={clientId} onValueChange={setClientId}>
              <SelectTrigger>
                <SelectValue />
              </SelectTrigger>
              <SelectContent>
                {clients.map(({ id, name, isMine, owner }) => (
                  <SelectItem key={id} value={id}>
                    {name}
                    {isMine ? "" : ` (of ${owner})`}
                  </SelectItem>
                ))}
              </SelectContent>
            </Select>
          </Field>
          {credential ? null : (
            <Field label="Name" hint="What the credential is called here." error={begin.problems.name}>
              <Input
                name="name"
                required
                maxLength={100}
                autoComplete="off"
                placeholder="Sheets of the district"
              />
            </Field>
          )}
          {client?.scopes ? (
            <p className="text-muted-foreground text-xs">
              It asks for <span className="break-words font-mono">{client.scopes}</span>
            </p>
          ) : null}
          <FormError>{begin.problems.name ? null : begin.error?.message}</FormError>
          <DialogActions
            submit="Go to the service"
            disabled={begin.isPending || begin.isSuccess || !client}
          />
        </Form>
      </DialogContent>
    </Dialog>
  );
}
