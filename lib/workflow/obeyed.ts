import { follows } from "./follows";
import type { Edge, TriggerNode, WorkflowGraph } from "./types";

export const noResponseConfig =
  'Senders are answered at once, with 200, whatever the run comes to, so other status codes would not be obeyed. Leave it out, or make the reply "after_completion".';

const eitherWay =
  'OpenRosa\'s clients are answered 201 when the form is stored, so "after_completion" would not be obeyed. Choose one of the two.';

type Problem = { field: string; message: string };

/** Settings of a trigger that would be stored and have no effect. */
export function unobeyedOfTrigger(trigger: TriggerNode): Problem[] {
  const { type, webhookReply, webhookResponseConfig, openRosa } = trigger;
  const foreign = (of: TriggerNode["type"], fields: readonly (keyof TriggerNode)[]): Problem[] =>
    type === of
      ? []
      : fields
          .filter((field) => trigger[field] !== null)
          .map((field) => ({
            field,
            message: `Only a trigger of type ${of} obeys ${field}, and this one is a ${type}. Leave it out.`,
          }));
  return [
    ...foreign("cron", ["cronExpression", "cronCursorJobId", "timeZone", "whenRunning"]),
    ...foreign("message_filter", ["inclusion", "exclusion"]),
    ...foreign("webhook", webhookFields),
    ...(webhookResponseConfig && webhookReply !== "after_completion"
      ? [{ field: "webhookResponseConfig", message: noResponseConfig }]
      : []),
    ...(openRosa && webhookReply === "after_completion" ? [{ field: "openRosa", message: eitherWay }] : []),
    ...(trigger.sourceJobId !== null && !follows(trigger)
      ? [
          {
            field: "sourceJobId",
            message: `Only a trigger of type flow or catch follows a job, and this one is a ${type}. Leave it out.`,
          },
        ]
      : []),
  ];
}

const webhookFields = [
  "webhookReply",
  "customPath",
  "takesGet",
  "openRosa",
  "deliveryId",
  "ratePerMinute",
] as const;

/** Settings of an edge that would be stored and have no effect. */
export function unobeyedOfEdge({ conditionType, conditionExpression }: Edge): Problem[] {
  if (conditionType === "js_expression" || conditionExpression === null) return [];
  const message = `The edge is followed ${conditionType}, so its expression would not be asked. Leave it out, or make the condition js_expression.`;
  return [{ field: "conditionExpression", message }];
}

/**
 * The graph without what has no effect, of a version that was stored before such settings were refused: pages say what
 * happens, and the next save is not refused for what nobody wrote now.
 */
export function obeyedOnly(graph: WorkflowGraph): WorkflowGraph {
  return {
    ...graph,
    triggers: graph.triggers.map((trigger) => ({ ...trigger, ...empty(unobeyedOfTrigger(trigger)) })),
    edges: graph.edges.map((edge) => ({ ...edge, ...empty(unobeyedOfEdge(edge)) })),
  };
}

const empty = (problems: Problem[]) => Object.fromEntries(problems.map(({ field }) => [field, null]));
