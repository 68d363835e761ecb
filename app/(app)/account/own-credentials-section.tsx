"use client";
import { KeyRound } from "lucide-react";
import { CredentialDialog } from "@/components/account/credential-dialog";
import { Nothing, Row, Section } from "@/components/account/section";
import { api } from "@/components/api";
import { shownHosts } from "@/components/hosts-field";
import { ConnectDialog } from "@/components/oauth/connect-dialog";
import { CredentialLife } from "@/components/oauth/credential-life";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { RelativeTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { CredentialSummary } from "@/lib/domain/credential/list";
import type { TransferSummary } from "@/lib/domain/credential-transfer/list";
import type { OauthClientSummary } from "@/lib/domain/oauth-client/fields";
import { HandOverDialog } from "./hand-over-dialog";
import { Offers } from "./offers";

type Props = { credentials: CredentialSummary[]; offers: TransferSummary[]; clients: OauthClientSummary[] };

export function OwnCredentialsSection({ credentials, offers, clients }: Props) {
  const remove = useApi({
    send: (id: string) => api("DELETE /api/account/credentials/[credential]", { params: { credential: id } }),
    message: "The credential is deleted.",
  });
  return (
    <Section
      id="credentials"
      title="Your credentials"
      description="Secrets that jobs use, encrypted. Only you can read or change them; a project's jobs use what you share with it."
      flush
      action={
        <div className="flex flex-wrap gap-2">
          {clients.length > 0 ? <ConnectDialog clients={clients} /> : null}
          <CredentialDialog />
        </div>
      }
    >
      {credentials.length === 0 ? (
        <Nothing>No credential yet. Make one here, then share it on a project's credentials page.</Nothing>
      ) : null}
      <ul>
        <Offers offers={offers} />
        {credentials.map(({ id, name, schema, allowedHosts, updatedAt, projects, ...life }) => (
          <Row
            key={id}
            actions={
              <>
                {life.oauthClient && clients.length > 0 ? (
                  <ConnectDialog
                    clients={clients}
                    credential={{ id, name, oauthClient: life.oauthClient }}
                    trigger={
                      <Button variant="outline" size="sm" aria-label={`Connect ${name} again`}>
                        Connect again
                      </Button>
                    }
                  />
                ) : null}
                <CredentialDialog
                  credential={{ id, name, schema, allowedHosts, expiresAt: life.expiresAt }}
                />
                <HandOverDialog credential={{ id, name }} />
                <Confirm
                  trigger={
                    <Button variant="outline" size="sm" aria-label={`Delete ${name}`}>
                      Delete
                    </Button>
                  }
                  title={`Delete ${name}?`}
                  description={
                    projects.length > 0
                      ? `Jobs in ${projects.map((p) => p.name).join(", ")} that use it will have no credential.`
                      : "No project uses it."
                  }
                  action="Delete credential"
                  destructive
                  onConfirm={() => remove.mutate(id)}
                />
              </>
            }
          >
            <span className="flex flex-wrap items-center gap-2 font-medium">
              <KeyRound aria-hidden className="size-4 text-muted-foreground" />
              {name}
              {projects.map((project) => (
                <Badge key={project.id}>{project.name}</Badge>
              ))}
              <CredentialLife {...life} />
            </span>
            <span className="text-muted-foreground text-xs">
              {schema === "raw" ? "JSON" : schema}, changed <RelativeTime value={updatedAt} />
              {projects.length === 0 ? ", shared with no project" : null}
              {allowedHosts ? `, sent only to ${shownHosts(allowedHosts)}` : null}
              {life.expiresAt ? `, ends on ${life.expiresAt.slice(0, 10)}` : null}
              {life.oauthClient ? `, connected with ${life.oauthClient.name}` : null}
              {life.renewalProblem ? `. It is not renewed: ${life.renewalProblem}.` : null}
            </span>
          </Row>
        ))}
      </ul>
    </Section>
  );
}
