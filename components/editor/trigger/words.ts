import { triggerName } from "@/components/workflows/edge-words";
import type { DraftTrigger } from "@/lib/editor/graph";
import type { TriggerType } from "@/lib/words";

/** What starts the workflow, by its trigger's type. */
export const typeHints: Record<TriggerType, string> = {
  webhook: "Every request to an address of its own becomes a message and starts the workflow.",
  message_filter:
    "A message that comes to the project's inbox URL starts the workflow when it is as the filter says.",
  cron: "The clock starts the workflow.",
  flow: "A job of another workflow has succeeded: this one starts with what that job returned.",
  catch: "A job of another workflow has failed: this one starts with what that job was given, and its error.",
};

/** What settings are called where somebody is told that they will be lost. */
export const fieldWords: Partial<Record<keyof DraftTrigger, string>> = {
  inclusion: "what messages must have",
  exclusion: "which messages are left out",
  cronExpression: "its schedule",
  cronCursorJobId: "the job that it continues from",
  timeZone: "its time zone",
  whenRunning: "what is done while the run before goes on",
  webhookReply: "when senders are answered",
  webhookResponseConfig: "the status codes of its answers",
  customPath: "its custom path",
  takesGet: "that it takes GET",
  openRosa: "that it takes OpenRosa's forms",
  deliveryId: "how deliveries are named",
  ratePerMinute: "how many messages a minute it takes",
  sourceJobId: "the job that it follows",
};

/** What is now, and what will be. */
export function enabledHint(
  { type, enabled: isOn }: Pick<DraftTrigger, "type" | "enabled">,
  saved: { trigger: Pick<DraftTrigger, "type" | "enabled"> | undefined; version: number },
): string {
  if (!saved.trigger)
    return isOn
      ? "It is not saved yet. It starts the workflow once this draft is saved as a version."
      : "It is off, and not saved yet. Saved so, it starts nothing until it is switched on.";
  const before = saved.trigger.type === type ? null : saved.trigger.type;
  const kind = before ? `a trigger of another kind, ${triggerName(before).toLowerCase()}, and ` : "";
  const now = `In the saved version ${saved.version} it is ${kind}${saved.trigger.enabled ? "on" : "off"}.`;
  if (saved.trigger.enabled === isOn && !before)
    return isOn ? `${now} It starts the workflow.` : `${now} It starts nothing.`;
  return `${now} ${isOn ? "It starts the workflow" : "It starts nothing"} once this draft is saved as a version.`;
}
