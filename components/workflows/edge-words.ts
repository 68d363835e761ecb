import type { Edge, JobNode, TriggerNode } from "@/lib/workflow/types";

const conditionWords = { always: "always", on_job_success: "on success", on_job_failure: "on failure" };

/** When an edge is followed, in words. */
export function edgeWords(edge: Edge): string {
  const when = whenFollowed(edge);
  return edge.enabled ? when : `${when} (switched off)`;
}

function whenFollowed({ conditionType, conditionLabel, conditionExpression }: Edge): string {
  if (conditionType === "js_expression") return conditionLabel ?? conditionExpression ?? "an expression";
  const words = conditionWords[conditionType];
  return conditionLabel ? `${words}: ${conditionLabel}` : words;
}

const triggerNames: Record<TriggerNode["type"], string> = {
  webhook: "Webhook",
  message_filter: "Message filter",
  cron: "Schedule",
  flow: "After a success",
  catch: "After a failure",
};

export const triggerName = (type: TriggerNode["type"]): string => triggerNames[type];

/** An adaptor as written, and what a dist-tag stood for when the job was saved, or that there was nothing of that name. */
export const adaptorWords = ({
  adaptor,
  adaptorVersion,
}: Pick<JobNode, "adaptor" | "adaptorVersion">): string =>
  adaptorVersion === null
    ? `${adaptor}, which cannot be had`
    : adaptor.endsWith(`@${adaptorVersion}`)
      ? adaptor
      : `${adaptor}, pinned to ${adaptorVersion}`;
