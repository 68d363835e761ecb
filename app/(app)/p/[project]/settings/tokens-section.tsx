"use client";
import { Nothing, Section } from "@/components/account/section";
import { TokenRow } from "@/components/account/token-row";
import { api } from "@/components/api";
import { useApi } from "@/components/use-api";
import type { ProjectTokenSummary } from "@/lib/domain/project-token/list";
import { RepositoryTokenDialog } from "./repository-token-dialog";

type Props = { projectId: string; tokens: ProjectTokenSummary[]; canManage: boolean };

/** The project's own tokens: what a repository's pipeline signs in with. */
export function TokensSection({ projectId, tokens, canManage }: Props) {
  const revoke = useApi({
    send: (id: string) =>
      api("DELETE /api/projects/[project]/tokens/[token]", { params: { project: projectId, token: id } }),
    message: "The token is revoked.",
  });
  return (
    <Section
      id="tokens"
      title="Repository tokens"
      description="For a repository that deploys to this project and pulls from it. A token is the project's own: it stays when whoever made it leaves."
      flush
      action={canManage ? <RepositoryTokenDialog projectId={projectId} /> : null}
    >
      {tokens.length === 0 ? <Nothing>No token yet.</Nothing> : null}
      <ul>
        {tokens.map((token) => (
          <TokenRow
            key={token.id}
            token={token}
            onRevoke={canManage ? () => revoke.mutate(token.id) : undefined}
          >
            <span className="text-muted-foreground text-xs">
              made by {token.createdBy ?? "somebody whose account is gone"}
            </span>
          </TokenRow>
        ))}
      </ul>
    </Section>
  );
}
