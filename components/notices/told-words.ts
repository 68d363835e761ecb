import type { NoticeItem } from "@/lib/domain/notice/list";
import type { ChannelType, NoticeKind, NoticeState, RunState } from "@/lib/words";

/** The colour of each state: that of the run state that it is most like. */
export const noticeColours = {
  waiting: "pending",
  sent: "success",
  failed: "failed",
  uncertain: "lost",
  stopped: "cancelled",
} as const satisfies Record<NoticeState, RunState>;

export const noticeMeanings: Record<NoticeState, string> = {
  waiting: "It is sent when its time has come, and tried again for a day when it is not taken.",
  sent: "The mail server or the channel has taken it.",
  failed: "It could not be sent, and is not tried any more.",
  uncertain: "It may have arrived, and nobody knows. It is not sent twice by itself.",
  stopped: "Nobody wants it any more, or there is nothing left to say.",
};

export const kindWords: Record<NoticeKind, string> = {
  issue: "Failures",
  digest: "Summary",
  plan: "Plan",
  credential_expiry: "Credential expires",
  credential_transfer: "Credential handed over",
  channel: "Channel switched off",
  operator: "Installation",
  test: "Test",
};

export const channelWords: Record<ChannelType, string> = { webhook: "Webhook", slack: "Slack" };

/** To whom: a channel by its name, a person by their mailbox. */
export const toWords = ({ to }: Pick<NoticeItem, "to">): string =>
  to.channel?.name ?? to.person ?? "An account that is gone";

/** What it says, or is about while its text has not been made. */
export const titleOf = ({ subject, kind }: Pick<NoticeItem, "subject" | "kind">): string =>
  subject ?? kindWords[kind];

/** Whether it can be sent again: it was not, or nobody knows. */
export const canGoAgain = ({ state }: Pick<NoticeItem, "state">): boolean =>
  state === "failed" || state === "uncertain";

/** What came of a test so far, in a sentence; null while nothing has. */
export function outcomeOf({ state, error }: Pick<NoticeItem, "state" | "error">): Outcome | null {
  if (state === "sent") return { isTaken: true, sentence: "The test was taken." };
  if (state === "waiting") return error ? { isTaken: false, sentence: `${error} It is tried again.` } : null;
  return { isTaken: false, sentence: error ?? noticeMeanings[state] };
}

export type Outcome = { isTaken: boolean; sentence: string };
