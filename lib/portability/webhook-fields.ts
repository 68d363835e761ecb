import { webhookReplies } from "@/lib/words";
import { onlyBeforeStart } from "@/lib/workflow/obeyed";
import { grammar } from "./grammar";
import type { MapReader } from "./reader";
import type { TriggerSpec } from "./spec";

export type WebhookFields = Pick<
  TriggerSpec,
  "webhookReply" | "webhookResponseConfig" | "customPath" | "takesGet" | "openRosa"
>;

/** OpenFn's own, which its files may have anywhere; `takes_get` and `open_rosa` are ours. */
const openFns = ["webhook_reply", "custom_path"] as const;
const ours = ["takes_get", "open_rosa"] as const;

const none: WebhookFields = {
  webhookReply: null,
  webhookResponseConfig: null,
  customPath: null,
  takesGet: null,
  openRosa: null,
};

/** What a webhook trigger alone has. On another type, OpenFn's fields are noted and left out, and ours are refused. */
export function readWebhook(type: TriggerSpec["type"], trigger: MapReader): WebhookFields {
  const webhookReply = trigger.oneOf("webhook_reply", webhookReplies);
  const fields = {
    ...none,
    webhookReply,
    customPath: trigger.text("custom_path")?.trim() || null,
    takesGet: trigger.flag("takes_get"),
    openRosa: trigger.flag("open_rosa"),
  };
  if (webhookReply === "after_completion") trigger.problem(onlyBeforeStart, "webhook_reply");
  if (type === "webhook") return fields;
  const said = `Only a webhook has it, and this is a ${type}.`;
  for (const field of openFns) if (trigger.has(field)) trigger.note(grammar.trigger, field, said);
  for (const field of ours) if (trigger.has(field)) trigger.problem(said, field);
  return none;
}
