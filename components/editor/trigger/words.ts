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
