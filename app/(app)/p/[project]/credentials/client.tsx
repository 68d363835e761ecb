"use client";
import { KeyRound } from "lucide-react";
import { CredentialDialog } from "@/components/account/credential-dialog";
import { Row, RowName, Section } from "@/components/account/section";
import { ShareMenu } from "@/components/account/share-menu";
import { missedBy, usedBy } from "@/components/account/uses";
import { api } from "@/components/api";
import { shownHosts } from "@/components/hosts-field";
import { ConnectDialog } from "@/components/oauth/connect-dialog";
import { CredentialLife } from "@/components/oauth/credential-life";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { EmptyState } from "@/components/ui/empty-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { ProjectCredentialSummary } from "@/lib/domain/credential/list";
import type { OauthClientSummary } from "@/lib/domain/oauth-client/fields";

type Props = {
  projectId: string;
  shared: ProjectCredentialSummary[];
  /** The reader's own that this project does not have yet. */
  mine: { id: string; name: string }[];
  /** What the reader may connect a new one with. */
  clients: OauthClientSummary[];
  canUse: boolean;
  canManage: boolean;
  /** The environment that the project is in; null is main. */
  env: string | null;
};

export function ProjectCredentials(props: Props) {
  const { projectId, shared, mine, clients, canUse, canManage, env } = props;
  const add = canUse ? (
    <div className="flex flex-wrap gap-2">
      {mine.length > 0 ? <ShareCredential projectId={projectId} mine={mine} /> : null}
      {clients.length > 0 ? <ConnectDialog clients={clients} shareWith={projectId} /> : null}
      <CredentialDialog shareWith={projectId} />
    </div>
  ) : null;
  if (shared.length === 0)
    return (
      <EmptyState icon={<KeyRound />} title="No credential yet" action={add}>
        A job that calls another system needs a user name, a key or a token there. Keep it here instead of in
        the job's code: it is encrypted, masked in logs, and used without being shown.
      </EmptyState>
    );
  return (
    <Section
      title="Shared with this project"
      description={env === null ? undefined : `Jobs get what these are in ${env}, where this project is.`}
      flush
      action={add}
    >
      <ul>
        {shared.map((credential) => (
          <SharedCredential
            key={credential.id}
            projectId={projectId}
            credential={credential}
            canTakeAway={credential.isMine || canManage}
            env={env}
          />
        ))}
      </ul>
    </Section>
  );
}

function ShareCredential({ projectId, mine }: Pick<Props, "projectId" | "mine">) {
  const share = useApi({
    send: (credentialId: string) =>
      api("POST /api/projects/[project]/credentials", {
        params: { project: projectId },
        body: { credentialId },
      }),
    message: "The project's jobs can use it now.",
  });
  return <ShareMenu mine={mine} onShare={(id) => share.mutate(id)} isBusy={share.isPending} />;
}

type SharedProps = {
  projectId: string;
  credential: ProjectCredentialSummary;
  canTakeAway: boolean;
  env: string | null;
};

function SharedCredential({ projectId, credential, canTakeAway, env }: SharedProps) {
  const { id, credentialId, name, schema, allowedHosts, externalId, expiresAt, owner, isMine } = credential;
  const { jobs, keychains, lastUsedAt, changedAt } = credential;
  const isChanged = changedAt !== null && lastUsedAt !== null && changedAt > lastUsedAt;
  const unshare = useApi({
    send: () =>
      api("DELETE /api/projects/[project]/credentials/[credential]", {
        params: { project: projectId, credential: id },
      }),
    message: `The project's jobs cannot use ${name} any more.`,
  });
  return (
    <Row
      actions={
        <>
          {isMine ? (
            <CredentialDialog
              credential={{ id: credentialId, name, schema, allowedHosts, externalId, expiresAt }}
            />
          ) : null}
          {canTakeAway ? (
            <Confirm
              trigger={
                <Button variant="outline" size="sm" aria-label={`Stop sharing ${name}`}>
                  Stop sharing
                </Button>
              }
              title={`Take ${name} out of this project?`}
              description={missedBy({ jobs, keychains: keychains.length }, "No job has it.")}
              action="Stop sharing"
              destructive
              onConfirm={() => unshare.mutate(undefined)}
            />
          ) : null}
        </>
      }
    >
      <RowName icon={<KeyRound aria-hidden className="text-muted-foreground" />} name={name}>
        <Badge>{schema === "raw" ? "JSON" : schema}</Badge>
        <CredentialLife {...credential} />
        {externalId ? <Badge>{externalId}</Badge> : null}
      </RowName>
      <span className="text-muted-foreground text-xs">
        {isMine ? "yours" : `of ${owner}`}, {usedBy(credential)}
        {keychains.length > 0 ? `, default of ${keychains.map((one) => one.name).join(", ")}` : null}
        {allowedHosts ? `, sent only to ${shownHosts(allowedHosts)}` : null}
        {lastUsedAt ? (
          <>
            , last used <RelativeTime value={lastUsedAt} />
          </>
        ) : (
          ", no use known"
        )}
      </span>
      {credential.isInEnvironment ? null : (
        <span data-status="failed" className="text-(--status) text-xs">
          Nothing in {env}: steps that get it fail until {isMine ? "you say" : "its owner says"} what it is
          there, {isMine ? "on your account page" : "on their account page"}.
        </span>
      )}
      {isChanged ? (
        <span data-status="rejected" className="text-(--status) text-xs">
          Changed by its owner <RelativeTime value={changedAt} />, and not used since.
        </span>
      ) : null}
    </Row>
  );
}
