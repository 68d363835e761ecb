"use client";
import Link from "next/link";
import { Nothing, Section } from "@/components/account/section";
import { TokenRow } from "@/components/account/token-row";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { useApi } from "@/components/use-api";
import type { TokenSummary } from "@/lib/domain/token/list";
import { NewTokenDialog } from "./new-token-dialog";

type Props = { tokens: TokenSummary[]; projects: { id: string; name: string }[] };

export function TokensSection({ tokens, projects }: Props) {
  const revoke = useApi({
    send: (id: string) => api("DELETE /api/account/tokens/[token]", { params: { token: id } }),
    message: "The token is revoked.",
  });
  return (
    <Section
      id="tokens"
      title="API tokens"
      description={
        <>
          For scripts and OpenFn's command line. A token acts with your role, as far as its scopes let it.
          What each scope can do is on the{" "}
          <Link href="/docs/api" className="text-accent underline underline-offset-2">
            API page
          </Link>
          .
        </>
      }
      flush
      action={<NewTokenDialog projects={projects} />}
    >
      {tokens.length === 0 ? (
        <Nothing>
          No token yet. Make one, and send it as{" "}
          <code className="font-mono text-xs">Authorization: Bearer …</code>
        </Nothing>
      ) : null}
      <ul>
        {tokens.map((token) => (
          <TokenRow
            key={token.id}
            token={token}
            onRevoke={() => revoke.mutate(token.id)}
            badges={
              token.projects ? (
                token.projects.map((project) => <Badge key={project.id}>{project.name}</Badge>)
              ) : (
                <Badge>all projects</Badge>
              )
            }
          />
        ))}
      </ul>
    </Section>
  );
}
