"use client";
import { LockKeyhole, LockKeyholeOpen } from "lucide-react";
import { SecretOnce } from "@/components/account/secret-once";
import { Nothing, Row, Section } from "@/components/account/section";
import { api } from "@/components/api";
import { AuthMethodDialog } from "@/components/senders/auth-method-dialog";
import { kindOf, provenBy } from "@/components/senders/method-words";
import type { Webhook } from "@/components/senders/protect-fields";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { AuthMethodSummary } from "@/lib/domain/auth-method/list";
import { ProtectDialog } from "./protect-dialog";
import { ReplaceSecretDialog } from "./replace-secret-dialog";

type Props = { projectId: string; methods: AuthMethodSummary[]; webhooks: Webhook[]; canManage: boolean };

/** How senders prove themselves to the inbox URL and to webhooks. */
export function AuthMethodsSection({ projectId, methods, webhooks, canManage }: Props) {
  const isInboxOpen = !methods.some((method) => method.onInbox);
  const Icon = isInboxOpen ? LockKeyholeOpen : LockKeyhole;
  return (
    <Section
      id="senders"
      title="Authentication of senders"
      description="A URL with several methods takes any of them. A secret is replaced while the old one goes on counting until a day that you choose."
      flush
      action={canManage ? <AuthMethodDialog projectId={projectId} webhooks={webhooks} /> : null}
    >
      <p className="flex items-center gap-2 border-b bg-muted/50 px-4 py-2 text-muted-foreground text-xs">
        <Icon aria-hidden className="size-3.5 shrink-0" />
        {isInboxOpen
          ? "The inbox URL takes messages from everybody who knows it."
          : "The inbox URL takes messages only with one of the methods marked inbox."}
      </p>
      {methods.length === 0 ? <Nothing>No method yet.</Nothing> : null}
      <ul>
        {methods.map((method) => (
          <Method
            key={method.id}
            projectId={projectId}
            method={method}
            webhooks={webhooks}
            canManage={canManage}
          />
        ))}
      </ul>
    </Section>
  );
}

type MethodProps = { projectId: string; method: AuthMethodSummary; webhooks: Webhook[]; canManage: boolean };

function Method({ projectId, method, webhooks, canManage }: MethodProps) {
  const params = { project: projectId, method: method.id };
  const remove = useApi({
    send: () => api("DELETE /api/projects/[project]/auth-methods/[method]", { params }),
    message: `${method.name} is deleted.`,
  });
  const reveal = useApi({
    send: () => api("GET /api/projects/[project]/auth-methods/[method]/secret", { params }),
  });
  const names = webhooks.filter(({ id }) => method.triggerIds.includes(id)).map(({ name }) => name);
  const isUnused = !method.onInbox && names.length === 0;
  return (
    <Row
      actions={
        canManage ? (
          <>
            <Button
              variant="outline"
              size="sm"
              aria-label={`${reveal.data ? "Hide" : "Show"} the secret of ${method.name}`}
              onClick={() => (reveal.data ? reveal.reset() : reveal.mutate(undefined))}
              disabled={reveal.isPending}
            >
              {reveal.data ? "Hide" : "Show"}
            </Button>
            <ReplaceSecretDialog projectId={projectId} method={method} />
            <ProtectDialog projectId={projectId} method={method} webhooks={webhooks} />
            <Confirm
              trigger={
                <Button variant="outline" size="sm" aria-label={`Delete ${method.name}`}>
                  Delete
                </Button>
              }
              title={`Delete ${method.name}?`}
              description="Senders that use it are refused, unless it was the last method of a URL: that URL is open to everybody then."
              action="Delete method"
              destructive
              onConfirm={() => remove.mutate(undefined)}
            />
          </>
        ) : null
      }
    >
      <span className="flex flex-wrap items-center gap-2 font-medium">
        {method.name}
        <Badge>{kindOf(method)}</Badge>
        {method.onInbox ? <Badge>inbox</Badge> : null}
        {names.map((name) => (
          <Badge key={name}>{name}</Badge>
        ))}
      </span>
      <span className="text-muted-foreground text-xs">
        {provenBy(method)}
        {isUnused ? ", protects nothing yet" : null}
      </span>
      {method.oldEndsAt ? (
        <OldSecret projectId={projectId} method={method} endsAt={method.oldEndsAt} canManage={canManage} />
      ) : null}
      {reveal.data ? (
        <div className="mt-2 max-w-md">
          <SecretOnce
            label={{ api: "API key", basic: "Password", hmac: "Secret" }[method.type]}
            value={reveal.data.secret}
          />
        </div>
      ) : null}
    </Row>
  );
}

type OldProps = { projectId: string; method: AuthMethodSummary; endsAt: string; canManage: boolean };

/** That two secrets count, until when, and the way to end that now. */
function OldSecret({ projectId, method, endsAt, canManage }: OldProps) {
  const end = useApi({
    send: () =>
      api("PATCH /api/projects/[project]/auth-methods/[method]/secret", {
        params: { project: projectId, method: method.id },
        body: { oldEndsAt: null },
      }),
    message: "Only the present secret counts now.",
  });
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs">
      <span>
        The old secret counts too, until <AbsoluteTime toMinute value={endsAt} />.
      </span>
      {canManage ? (
        <Confirm
          trigger={
            <Button variant="outline" size="sm" disabled={end.isPending}>
              End it now
            </Button>
          }
          title={`End the old secret of ${method.name}?`}
          description="Senders that still use it are refused at once."
          action="End the old secret"
          destructive
          onConfirm={() => end.mutate(undefined)}
        />
      ) : null}
    </span>
  );
}
