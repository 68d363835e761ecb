"use client";
import { KeySquare } from "lucide-react";
import Link from "next/link";
import { Nothing, Row, Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { RelativeTime } from "@/components/ui/relative-time";
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
        {tokens.map(({ id, name, scopes, projects: bound, lastUsedAt, expiresAt, isExpired }) => (
          <Row
            key={id}
            actions={
              <Confirm
                trigger={
                  <Button variant="outline" size="sm" aria-label={`Revoke ${name}`}>
                    Revoke
                  </Button>
                }
                title={`Revoke ${name}?`}
                description="Whatever uses this token is refused from its next request on."
                action="Revoke token"
                destructive
                onConfirm={() => revoke.mutate(id)}
              />
            }
          >
            <span className="flex flex-wrap items-center gap-2 font-medium">
              <KeySquare aria-hidden className="size-4 text-muted-foreground" />
              {name}
              {bound ? (
                bound.map((project) => <Badge key={project.id}>{project.name}</Badge>)
              ) : (
                <Badge>all projects</Badge>
              )}
              {isExpired ? <Badge>expired</Badge> : null}
            </span>
            <span className="text-muted-foreground text-xs">
              may {scopes.join(", ")};{" "}
              {lastUsedAt ? (
                <>
                  last used <RelativeTime value={lastUsedAt} />
                </>
              ) : (
                "never used"
              )}
              {expiresAt && !isExpired ? `, expires ${expiresAt.slice(0, 10)}` : null}
            </span>
          </Row>
        ))}
      </ul>
    </Section>
  );
}
