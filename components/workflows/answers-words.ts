import type { TriggerNode } from "@/lib/workflow/types";

/** When and how a webhook's senders are answered. */
export function answersWords({ openRosa, webhookReply, webhookResponseConfig }: TriggerNode): string {
  if (openRosa) return "at once, with 201, when the form is stored";
  if (webhookReply !== "after_completion") return "at once, when the message is stored";
  const { success_code: success = 201, error_code: error = 201 } = webhookResponseConfig ?? {};
  const codes =
    success === error ? `with ${success}` : `with ${success} after success and ${error} otherwise`;
  return `when the run has ended, ${codes}, unless a job's state.webhookResponse says another; 504 when that takes too long`;
}
