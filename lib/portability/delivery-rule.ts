import { deliveryRule, ratePerMinute } from "@/lib/inbox/delivery-rule";
import type { DeliveryRule } from "@/lib/workflow/types";
import { grammar } from "./grammar";
import { isRecord, type MapReader } from "./reader";

/** A webhook's `delivery_id`, checked as a save is; null when there is none, or when it cannot be obeyed. */
export function readDeliveryRule(trigger: MapReader): DeliveryRule | null {
  if (!trigger.has("delivery_id")) return null;
  const raw = trigger.raw("delivery_id");
  if (!isRecord(raw)) {
    trigger.problem(
      `delivery_id must be a map of ${grammar.delivery.obeyed.join(", ")}, such as {path: data.id}.`,
      "delivery_id",
    );
    return null;
  }
  const reader = trigger.within("delivery_id", raw);
  reader.keys(grammar.delivery);
  const [header, path, hours] = [reader.text("header"), reader.text("path"), reader.whole("hours")];
  const rule = {
    ...(header === null ? {} : { header }),
    ...(path === null ? {} : { path }),
    ...(hours === null ? {} : { hours }),
  };
  const read = deliveryRule.safeParse(rule);
  if (read.success) return read.data;
  for (const { message, path: at } of read.error.issues)
    reader.problem([...at.map(String), message].join(": "));
  return null;
}

/** A webhook's `rate_per_minute`. */
export function readRate(trigger: MapReader): number | null {
  const rate = trigger.whole("rate_per_minute");
  if (rate === null) return null;
  const read = ratePerMinute.safeParse(rate);
  if (read.success) return rate;
  trigger.problem("rate_per_minute must be from 1 to 1,000,000 messages.", "rate_per_minute");
  return null;
}
