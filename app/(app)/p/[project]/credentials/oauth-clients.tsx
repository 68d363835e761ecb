"use client";
import { AppWindow } from "lucide-react";
import { Nothing, Row, RowName, Section } from "@/components/account/section";
import { ShareMenu } from "@/components/account/share-menu";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { useApi } from "@/components/use-api";
import type { ProjectOauthClient } from "@/lib/domain/oauth-client/list";

type Props = {
  projectId: string;
  shared: ProjectOauthClient[];
  /** The reader's own that are not shared with this project yet. */
  mine: { id: string; name: string }[];
  canUse: boolean;
  canManage: boolean;
};

/** OAuth2 clients that the project's people connect credentials with. */
export function ProjectOauthClients({ projectId, shared, mine, canUse, canManage }: Props) {
  const share = useApi({
    send: (oauthClientId: string) =>
      api("POST /api/projects/[project]/oauth-clients", {
        params: { project: projectId },
        body: { oauthClientId },
      }),
    message: "The project's editors can connect with it now.",
  });
  const unshare = useApi({
    send: (client: string) =>
      api("DELETE /api/projects/[project]/oauth-clients/[client]", {
        params: { project: projectId, client },
      }),
    message: "It is taken out of this project. What is connected stays so.",
  });
  return (
    <Section
      title="OAuth2 clients"
      description="Applications that are registered at services, with which this project's editors connect credentials."
      flush
      action={
        canUse && mine.length > 0 ? (
          <ShareMenu mine={mine} onShare={(id) => share.mutate(id)} isBusy={share.isPending} />
        ) : null
      }
    >
      {shared.length === 0 ? <Nothing>None is shared with this project.</Nothing> : null}
      <ul>
        {shared.map(({ id, name, owner, isMine }) => (
          <Row
            key={id}
            actions={
              isMine || canManage ? (
                <Confirm
                  trigger={
                    <Button variant="outline" size="sm" aria-label={`Stop sharing ${name}`}>
                      Stop sharing
                    </Button>
                  }
                  title={`Take ${name} out of this project?`}
                  description="Nobody connects with it here any more. Credentials that were stay connected."
                  action="Stop sharing"
                  destructive
                  onConfirm={() => unshare.mutate(id)}
                />
              ) : null
            }
          >
            <RowName icon={<AppWindow aria-hidden className="text-muted-foreground" />} name={name} />
            <span className="text-muted-foreground text-xs">{isMine ? "yours" : `of ${owner}`}</span>
          </Row>
        ))}
      </ul>
    </Section>
  );
}
