import type { TriggerNode } from "@/lib/workflow/types";

/** When and how a webhook's senders are answered. */
export function answersWords({ openRosa }: TriggerNode): string {
  return openRosa ? "at once, with 201, when the form is stored" : "at once, when the message is stored";
}
