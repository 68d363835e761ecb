import { Clock, CornerDownRight, Filter, LifeBuoy, type LucideIcon, Webhook } from "lucide-react";
import type { TriggerType } from "@/lib/words";

const icons: Record<TriggerType, LucideIcon> = {
  webhook: Webhook,
  message_filter: Filter,
  cron: Clock,
  flow: CornerDownRight,
  catch: LifeBuoy,
};

export function TriggerIcon({ type, className }: { type: TriggerType; className?: string }) {
  const Icon = icons[type];
  return <Icon aria-hidden className={className} />;
}
