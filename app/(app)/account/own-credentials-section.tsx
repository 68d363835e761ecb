"use client";
import { KeyRound, Layers } from "lucide-react";
import { CredentialDialog } from "@/components/account/credential-dialog";
import { EnvironmentsDialog } from "@/components/account/environments-dialog";
import { Nothing, Row, RowName, Section } from "@/components/account/section";
import { countOf, missedBy } from "@/components/account/uses";
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
        {credentials.map((credential) => (
          <CredentialRow
            key={credential.id}
            credential={credential}
            clients={clients}
            onDelete={remove.mutate}
          />
        ))}
      </ul>
    </Section>
  );
}

type RowProps = {
  credential: CredentialSummary;
  clients: OauthClientSummary[];
  onDelete: (id: string) => void;
};

function CredentialRow({ credential, clients, onDelete }: RowProps) {
  const { id, name, schema, allowedHosts, externalId, environments, updatedAt, projects } = credential;
  const { oauthClient, expiresAt, renewalProblem } = credential;
  return (
    <Row
      actions={
        <>
          {oauthClient && clients.length > 0 ? (
            <ConnectDialog
              clients={clients}
              credential={{ id, name, oauthClient }}
              trigger={
                <Button variant="outline" size="sm" aria-label={`Connect again: ${name}`}>
                  Connect again
                </Button>
              }
            />
          ) : null}
          <CredentialDialog credential={{ id, name, schema, allowedHosts, externalId, expiresAt }} />
          <EnvironmentsDialog credential={credential} />
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
                ? projects
                    .map((project) => `In ${project.name}: ${missedBy(project, "no job has it.")}`)
                    .join(" ")
                : "It is shared with no project."
            }
            action="Delete credential"
            destructive
            onConfirm={() => onDelete(id)}
          />
        </>
      }
    >
      <RowName icon={<KeyRound aria-hidden className="text-muted-foreground" />} name={name}>
        {projects.map((project) => (
          <Badge key={project.id}>{project.name}</Badge>
        ))}
        {environments.map(({ env }) => (
          <Badge key={env}>
            <Layers aria-label="Environment" /> {env}
          </Badge>
        ))}
        <CredentialLife {...credential} />
      </RowName>
      <span className="text-muted-foreground text-xs">
        {schema === "raw" ? "JSON" : schema}, changed <RelativeTime value={updatedAt} />
        {projects.length === 0 ? ", shared with no project" : null}
        {allowedHosts ? `, sent only to ${shownHosts(allowedHosts)}` : null}
        {externalId ? `, external id ${externalId}` : null}
        {expiresAt ? `, ends on ${expiresAt.slice(0, 10)}` : null}
        {oauthClient ? `, connected with ${oauthClient.name}` : null}
        {renewalProblem ? `. It is not renewed: ${renewalProblem}.` : null}
      </span>
      {projects.map((project) => (
        <span key={project.id} className="text-muted-foreground text-xs">
          {project.name}: {countOf(project.jobs, "job")}
          {project.keychains > 0 ? ` and ${countOf(project.keychains, "keychain")}` : null},{" "}
          {project.lastUsedAt ? (
            <>
              last used <RelativeTime value={project.lastUsedAt} />
            </>
          ) : (
            "no use known"
          )}
          {project.env !== null && !environments.some(({ env }) => env === project.env) ? (
            <span data-status="failed" className="text-(--status)">
              , but it is nothing in {project.env}, where this project is
            </span>
          ) : null}
        </span>
      ))}
    </Row>
  );
}
