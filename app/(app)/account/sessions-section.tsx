"use client";
import { Monitor, Smartphone } from "lucide-react";
import { Nothing, Row, Section } from "@/components/account/section";
import { describeBrowser } from "@/components/account/user-agent";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { SessionSummary } from "@/lib/domain/session/list";

export function SessionsSection({ sessions, currentId }: { sessions: SessionSummary[]; currentId: string }) {
  const revoke = useApi({
    send: (id: string) => api("DELETE /api/account/sessions/[session]", { params: { session: id } }),
    message: "That browser is signed out.",
  });
  const revokeOthers = useApi({
    send: () => api("DELETE /api/account/sessions"),
    message: "Every other browser is signed out.",
  });
  const hasOthers = sessions.some(({ id }) => id !== currentId);
  return (
    <Section
      id="sessions"
      title="Where you are signed in"
      description="Signing a browser out takes effect with its next request."
      flush
      action={
        hasOthers ? (
          <Button
            variant="outline"
            onClick={() => revokeOthers.mutate(undefined)}
            disabled={revokeOthers.isPending}
          >
            Sign out everywhere else
          </Button>
        ) : null
      }
    >
      {sessions.length === 0 ? <Nothing>No browser is signed in.</Nothing> : null}
      <ul>
        {sessions.map(({ id, userAgent, createdAt, lastSeenAt }) => {
          const { name, isPhone } = describeBrowser(userAgent);
          const Icon = isPhone ? Smartphone : Monitor;
          return (
            <Row
              key={id}
              actions={
                id === currentId ? (
                  <Badge>this browser</Badge>
                ) : (
                  <Button
                    variant="outline"
                    size="sm"
                    aria-label={`Sign out ${name}`}
                    onClick={() => revoke.mutate(id)}
                    disabled={revoke.isPending}
                  >
                    Sign out
                  </Button>
                )
              }
            >
              <span className="flex items-center gap-2 font-medium">
                <Icon aria-hidden className="size-4 text-muted-foreground" />
                {name}
              </span>
              <span className="text-muted-foreground text-xs">
                last seen <RelativeTime value={lastSeenAt} />, signed in <RelativeTime value={createdAt} />
              </span>
            </Row>
          );
        })}
      </ul>
    </Section>
  );
}
