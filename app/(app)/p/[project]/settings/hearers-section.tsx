import { Row, Section } from "@/components/account/section";
import { ruleSummary, type WorkflowNames } from "@/components/notices/words";
import type { ChannelRule, MemberRule } from "@/lib/domain/notice/rules/list";

type Props = {
  members: MemberRule[];
  channels: ChannelRule[];
  /** Nobody is left out of the two. */
  isAll: boolean;
  workflows: WorkflowNames;
};

/** For owner and admins: who hears of failures, and through which channels. */
export function HearersSection({ members, channels, isAll, workflows }: Props) {
  const hears = [
    ...members.filter(({ isReachable, rule }) => isReachable && rule.atOnce),
    ...channels.filter(({ isOn, rule }) => isOn && rule.atOnce),
  ];
  return (
    <Section
      title="Who hears of failures"
      description={
        isAll && hears.length === 0
          ? "Nobody hears at once when runs of this project fail."
          : "Each collaborator chooses for themselves; owner and admins choose for channels."
      }
      flush
    >
      <ul aria-label="Who hears of failures">
        {channels.map((channel) => (
          <Row key={channel.id}>
            <span className="truncate font-medium">{channel.name}</span>
            <span className="text-muted-foreground text-sm">
              {channel.isOn ? ruleSummary(channel.rule, workflows) : "Switched off."}
            </span>
          </Row>
        ))}
        {members.map(({ id, name, email, role, isReachable, rule }) => (
          <Row key={id}>
            <span className="truncate font-medium">
              {name ?? email} <span className="font-normal text-muted-foreground">· {role}</span>
            </span>
            <span className="text-muted-foreground text-sm">
              {isReachable
                ? ruleSummary(rule, workflows)
                : "Is told nothing: no second factor yet, or the account is on its way out."}
            </span>
          </Row>
        ))}
      </ul>
    </Section>
  );
}
