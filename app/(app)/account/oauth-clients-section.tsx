"use client";
import { AppWindow } from "lucide-react";
import { Nothing, Row, RowName, Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { CopyButton } from "@/components/ui/copy-button";
import { useApi } from "@/components/use-api";
import type { OauthClientSummary } from "@/lib/domain/oauth-client/fields";
import { OauthClientDialog } from "./oauth-client-dialog";

type Props = { clients: OauthClientSummary[]; redirectUri: string };

/** Applications that the reader has registered at services. */
export function OauthClientsSection({ clients, redirectUri }: Props) {
  const own = clients.filter(({ isMine }) => isMine);
  const remove = useApi({
    send: (id: string) => api("DELETE /api/account/oauth-clients/[client]", { params: { client: id } }),
    message: "The client is deleted.",
  });
  return (
    <Section
      id="oauth-clients"
      title="OAuth2 clients"
      description="Applications that you have registered at Google, Salesforce, Microsoft or another service. Credentials are connected with them, yours and those of people in projects that you share them with."
      flush
      action={<OauthClientDialog redirectUri={redirectUri} />}
    >
      <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2 text-muted-foreground text-xs">
        <span>Register this redirect address at the service:</span>
        <code className="min-w-0 break-all rounded-sm bg-muted px-1.5 py-0.5">{redirectUri}</code>
        <CopyButton text={redirectUri} label="Copy the redirect address" />
      </div>
      {own.length === 0 ? <Nothing>No client yet.</Nothing> : null}
      <ul>
        {own.map((client) => (
          <Row
            key={client.id}
            actions={
              <>
                <OauthClientDialog client={client} redirectUri={redirectUri} />
                <Confirm
                  trigger={
                    <Button variant="outline" size="sm" aria-label={`Delete ${client.name}`}>
                      Delete
                    </Button>
                  }
                  title={`Delete ${client.name}?`}
                  description="Nobody connects with it any more. One that credentials are renewed with stays."
                  action="Delete client"
                  destructive
                  onConfirm={() => remove.mutate(client.id)}
                />
              </>
            }
          >
            <RowName icon={<AppWindow aria-hidden className="text-muted-foreground" />} name={client.name}>
              {client.isGlobal ? <Badge>for everybody</Badge> : null}
              {client.own?.projects.map((project) => (
                <Badge key={project.id}>{project.name}</Badge>
              ))}
            </RowName>
            <span className="text-muted-foreground text-xs">
              {client.hosts.join(", ")},{" "}
              {client.own?.credentials === 1
                ? "1 credential is renewed with it"
                : `${client.own?.credentials ?? 0} credentials are renewed with it`}
            </span>
          </Row>
        ))}
      </ul>
    </Section>
  );
}
