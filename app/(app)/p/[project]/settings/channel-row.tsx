"use client";
import { Row } from "@/components/account/section";
import { api } from "@/components/api";
import { channelWords } from "@/components/notices/told-words";
import { ruleSummary, type WorkflowNames } from "@/components/notices/words";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { RelativeTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { ChannelSummary } from "@/lib/domain/notice/channel/types";
import type { ChannelRule } from "@/lib/domain/notice/rules/list";
import { ChannelDialog } from "./channel-dialog";
import { ChannelRuleDialog } from "./channel-rule-dialog";
import { ChannelSecretDialog } from "./channel-secret-dialog";
import { TestOutcome, useChannelTest } from "./channel-test";

type Props = {
  projectId: string;
  channel: ChannelSummary;
  rule: ChannelRule | undefined;
  workflows: WorkflowNames;
  canManage: boolean;
};

/** A channel: where it leads, what goes there, how that goes, and what can be done. */
export function ChannelRow({ projectId, channel, rule, workflows, canManage }: Props) {
  const { id, name, type, host, disabledAt } = channel;
  const isOn = disabledAt === null;
  const params = { project: projectId, channel: id };
  const test = useChannelTest(params);
  const turn = useApi({
    send: () =>
      api("PATCH /api/projects/[project]/notice-channels/[channel]", { params, body: { isOn: !isOn } }),
    message: `${name} is switched ${isOn ? "off" : "on"}.`,
  });
  const remove = useApi({
    send: () => api("DELETE /api/projects/[project]/notice-channels/[channel]", { params }),
    message: `${name} is deleted.`,
  });
  return (
    <Row>
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
        <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
        <Badge>{channelWords[type]}</Badge>
        {isOn ? null : <Badge>switched off</Badge>}
      </span>
      <span className="font-mono text-muted-foreground text-xs [overflow-wrap:anywhere]">{host}</span>
      {rule ? (
        <span className="text-muted-foreground text-sm">{ruleSummary(rule.rule, workflows)}</span>
      ) : null}
      <Health channel={channel} isErrorSaid={test.data?.isTaken === false} />
      <TestOutcome projectId={projectId} outcome={test.data} />
      {canManage ? (
        <div className="mt-2 flex flex-wrap items-center gap-1.5">
          {isOn ? (
            <Button
              variant="outline"
              size="sm"
              aria-label={`${test.isPending ? "Testing" : "Test"} ${name}`}
              onClick={() => test.mutate(undefined)}
              disabled={test.isPending}
            >
              {test.isPending ? "Testing…" : "Test"}
            </Button>
          ) : null}
          {rule ? <ChannelRuleDialog projectId={projectId} channel={rule} workflows={workflows} /> : null}
          <ChannelDialog projectId={projectId} channel={channel} />
          {type === "webhook" ? <ChannelSecretDialog projectId={projectId} channel={channel} /> : null}
          <Button
            variant="outline"
            size="sm"
            aria-label={`Switch ${isOn ? "off" : "on"} ${name}`}
            onClick={() => turn.mutate(undefined)}
            disabled={turn.isPending}
          >
            Switch {isOn ? "off" : "on"}
          </Button>
          <Confirm
            trigger={
              <Button variant="outline" size="sm" aria-label={`Delete ${name}`} disabled={remove.isPending}>
                Delete
              </Button>
            }
            title={`Delete ${name}?`}
            description="It is told nothing more, and what was sent to it leaves the list of notices."
            action="Delete channel"
            destructive
            onConfirm={() => remove.mutate(undefined)}
          />
        </div>
      ) : null}
    </Row>
  );
}

type HealthProps = {
  channel: ChannelSummary;
  /** Below: a test has just come to it. */
  isErrorSaid: boolean;
};

/** When it took something last and, while it takes nothing, since when and why. */
function Health({ channel, isErrorSaid }: HealthProps) {
  const { lastSentAt, failingSince, lastError, disabledAt } = channel;
  const last = lastSentAt ? (
    <>
      Last sent <RelativeTime value={lastSentAt} />
    </>
  ) : (
    "Nothing sent yet"
  );
  return (
    <>
      <span className="text-muted-foreground text-xs">
        {last}
        {disabledAt ? (
          <>
            {" · "}switched off <RelativeTime value={disabledAt} />
          </>
        ) : null}
      </span>
      {failingSince ? (
        <span data-status="failed" className="text-(--status) text-xs [overflow-wrap:anywhere]">
          Failing since <RelativeTime value={failingSince} />
          {lastError && !isErrorSaid ? `: ${lastError}` : "."}
        </span>
      ) : null}
    </>
  );
}
