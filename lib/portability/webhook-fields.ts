import { webhookReplies } from "@/lib/words";
import { isAnswerStatus } from "@/lib/workflow/answer-status";
import { readDeliveryRule, readRate } from "./delivery-rule";
import { grammar } from "./grammar";
import { isRecord, type MapReader } from "./reader";
import type { TriggerSpec } from "./spec";

export type WebhookFields = Pick<
  TriggerSpec,
  | "webhookReply"
  | "webhookResponseConfig"
  | "customPath"
  | "takesGet"
  | "openRosa"
  | "deliveryId"
  | "ratePerMinute"
>;

/** OpenFn's own, which its files may have anywhere; the others are ours. */
const openFns = ["webhook_reply", "webhook_response_config", "custom_path"] as const;
const ours = ["takes_get", "open_rosa", "delivery_id", "rate_per_minute"] as const;

/** Of a trigger that has none of them. */
export const noWebhookFields: WebhookFields = {
  webhookReply: null,
  webhookResponseConfig: null,
  customPath: null,
  takesGet: null,
  openRosa: null,
  deliveryId: null,
  ratePerMinute: null,
};

/** What a webhook trigger alone has. On another type, OpenFn's fields are noted and left out, and ours are refused. */
export function readWebhook(type: TriggerSpec["type"], trigger: MapReader): WebhookFields {
  const webhookReply = trigger.oneOf("webhook_reply", webhookReplies);
  const fields = {
    webhookReply,
    webhookResponseConfig: webhookReply === "after_completion" ? readCodes(trigger) : null,
    customPath: trigger.text("custom_path")?.trim() || null,
    takesGet: trigger.flag("takes_get"),
    openRosa: trigger.flag("open_rosa"),
    deliveryId: readDeliveryRule(trigger),
    ratePerMinute: readRate(trigger),
  };
  if (type === "webhook") {
    if (webhookReply !== "after_completion" && trigger.has("webhook_response_config"))
      trigger.note(grammar.trigger, "webhook_response_config", "Senders are answered at once, with 200.");
    return fields;
  }
  const said = `Only a webhook has it, and this is a ${type}.`;
  for (const field of openFns) if (trigger.has(field)) trigger.note(grammar.trigger, field, said);
  for (const field of ours) if (trigger.has(field)) trigger.problem(said, field);
  return noWebhookFields;
}

/** Status codes of an answer that comes after completion. */
function readCodes(trigger: MapReader): WebhookFields["webhookResponseConfig"] {
  const map = trigger.raw("webhook_response_config");
  if (map === null) return null;
  if (!isRecord(map)) {
    trigger.problem(`webhook_response_config of ${trigger.key} must be a map.`, "webhook_response_config");
    return null;
  }
  const codes = trigger.within("webhook_response_config", map);
  codes.keys(grammar.response);
  const code = (field: "success_code" | "error_code") => {
    const value = codes.whole(field);
    if (value !== null && !isAnswerStatus(value))
      codes.problem(`${field} of ${trigger.key} must be a status code from 200 to 599.`, field);
    return value === null ? {} : { [field]: value };
  };
  return { ...code("success_code"), ...code("error_code") };
}
