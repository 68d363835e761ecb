"use client";
import dynamic from "next/dynamic";
import { Skeleton } from "@/components/ui/skeleton";
import { triggerName } from "@/components/workflows/edge-words";
import type { DraftTrigger } from "@/lib/editor/graph";
import type { TriggerType } from "@/lib/words";
import { panelHeadingId } from "./target-focus";
import { TriggerHead } from "./trigger/head";
import { LeadsTo } from "./trigger/leads-to";

/** In the browser alone: times are by its clock. */
const loading = () => <Skeleton className="h-40" />;
/** Each is loaded when such a trigger is shown: the clock's brings croner and cronstrue along. */
const panels: Record<TriggerType, React.ComponentType<{ trigger: DraftTrigger }>> = {
  webhook: dynamic(() => import("./trigger/webhook/panel").then((one) => one.WebhookPanel), {
    ssr: false,
    loading,
  }),
  message_filter: dynamic(() => import("./trigger/filter/panel").then((one) => one.FilterPanel), {
    ssr: false,
    loading,
  }),
  cron: dynamic(() => import("./trigger/cron/panel").then((one) => one.CronPanel), { ssr: false, loading }),
  flow: dynamic(() => import("./trigger/follow/panel").then((one) => one.FollowPanel), {
    ssr: false,
    loading,
  }),
  catch: dynamic(() => import("./trigger/follow/panel").then((one) => one.FollowPanel), {
    ssr: false,
    loading,
  }),
};

/** Everything about one trigger of the draft. */
export function TriggerPanel({ trigger }: { trigger: DraftTrigger }) {
  const Own = panels[trigger.type];
  return (
    <div className="grid grid-cols-1 gap-5 rounded-lg border bg-card p-4 sm:p-5">
      <h2 id={panelHeadingId} tabIndex={-1} className="font-semibold text-[15px]">
        {triggerName(trigger.type)}
      </h2>
      <TriggerHead trigger={trigger} />
      <Own trigger={trigger} />
      <LeadsTo trigger={trigger} />
    </div>
  );
}
