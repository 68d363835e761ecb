import { Clock, Filter, LifeBuoy, type LucideIcon, Webhook, Workflow } from "lucide-react";
import type { TriggerType } from "@/lib/words";

const icons: Record<TriggerType, LucideIcon> = {
  webhook: Webhook,
  message_filter: Filter,
  cron: Clock,
  flow: Workflow,
  catch: LifeBuoy,
};

export function TriggerIcon({ type, className }: { type: TriggerType; className?: string }) {
  const Icon = icons[type];
  return <Icon aria-hidden className={className} />;
}
