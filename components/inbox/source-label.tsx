import { CornerUpRight, FlaskConical, Hand, Inbox, type LucideIcon, Webhook } from "lucide-react";
import type { MessageSource } from "@/lib/words";

const sources: Record<MessageSource, { icon: LucideIcon; word: string; title: string }> = {
  inbox: { icon: Inbox, word: "inbox", title: "Sent to the project's inbox URL" },
  webhook: { icon: Webhook, word: "webhook", title: "Sent to a trigger's own URL" },
  resend: { icon: CornerUpRight, word: "resend", title: "An edited copy of another message" },
  test: { icon: FlaskConical, word: "test", title: "Sent to the test URL of somebody's draft" },
  manual: { icon: Hand, word: "manual", title: "Written by a person in Waybill" },
};

/** Where a message came from. */
export function SourceLabel({ source }: { source: MessageSource }) {
  const { icon: Icon, word, title } = sources[source];
  return (
    <span title={title} className="flex items-center gap-1.5 text-muted-foreground text-xs">
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {word}
    </span>
  );
}
