import type { TriggerType } from "@/lib/words";
import type { Edit } from "./edits";
import { type DraftGraph, type DraftTrigger, newTrigger } from "./graph";

type Field = Exclude<keyof DraftTrigger, "id" | "type" | "enabled">;

const webhookFields: readonly Field[] = [
  "customPath",
  "webhookReply",
  "webhookResponseConfig",
  "takesGet",
  "openRosa",
  "deliveryId",
  "ratePerMinute",
];

/** What triggers of each type obey (lib/workflow/obeyed.ts). */
const fieldsOf: Record<TriggerType, readonly Field[]> = {
  webhook: webhookFields,
  message_filter: ["inclusion", "exclusion"],
  cron: ["cronExpression", "cronCursorJobId", "timeZone", "whenRunning"],
  flow: ["sourceJobId"],
  catch: ["sourceJobId"],
};

/** The settings that somebody has made and that a trigger of another type would not obey. */
export function lostWith(trigger: DraftTrigger, type: TriggerType): Field[] {
  const plain = newTrigger(trigger.id, trigger.type);
  return fieldsOf[trigger.type].filter(
    (field) => !fieldsOf[type].includes(field) && trigger[field] !== plain[field],
  );
}

/** Makes a trigger one of another type: what still applies stays, the rest is as in a new one. */
export const setTriggerType =
  (id: string, type: TriggerType): Edit =>
  (graph) => {
    const trigger = graph.triggers.find((one) => one.id === id);
    if (!trigger || trigger.type === type) return graph;
    const kept = Object.fromEntries(
      fieldsOf[type]
        .filter((field) => fieldsOf[trigger.type].includes(field))
        .map((field) => [field, trigger[field]]),
    );
    const changed = { ...newTrigger(id, type), ...kept, enabled: trigger.enabled };
    return withTriggers(graph, (one) => (one === trigger ? changed : one));
  };

/** Switches a trigger on, and off whatever else is on: a workflow begins in one way at a time. */
export const switchOn =
  (id: string): Edit =>
  (graph) =>
    graph.triggers.every(({ enabled, id: one }) => enabled === (one === id))
      ? graph
      : withTriggers(graph, (one) =>
          one.enabled === (one.id === id) ? one : { ...one, enabled: one.id === id },
        );

const withTriggers = (graph: DraftGraph, change: (trigger: DraftTrigger) => DraftTrigger): DraftGraph => ({
  ...graph,
  triggers: graph.triggers.map(change),
});
