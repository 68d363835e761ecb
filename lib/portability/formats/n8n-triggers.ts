import { isRecord, type MapReader } from "@/lib/portability/reader";

/** What a node that starts a workflow becomes: fields of a trigger, or null for one that is not needed here. */
type Started = {
  fields: { type: "webhook" | "cron"; enabled?: false; [field: string]: unknown } | null;
  said: string[];
};

/** Returns the trigger that a node of n8n becomes, and what is to be told of it. */
export function triggerOf(type: string, node: MapReader): Started {
  const parameters = parametersOf(node);
  const kind = type.split(".").at(-1) ?? "";
  if (kind === "webhook" || kind === "formTrigger") return webhook(parameters);
  if (kind === "scheduleTrigger" || kind === "cron" || kind === "interval") return schedule(kind, parameters);
  if (["manualTrigger", "start", "executeWorkflowTrigger", "errorTrigger"].includes(kind))
    return { fields: null, said: [`${type} has no counterpart: workflows can be run by hand anyway.`] };
  const said = `${type} has no counterpart: a webhook that is switched off stands in its place. Have the service send there, or fetch from it on a schedule.`;
  return { fields: { type: "webhook", enabled: false }, said: [said] };
}

export const parametersOf = (node: MapReader): Record<string, unknown> => {
  const value = node.raw("parameters");
  return isRecord(value) ? value : {};
};

function webhook(parameters: Record<string, unknown>): Started {
  const waits = parameters.responseMode === "lastNode" || parameters.responseMode === "responseNode";
  const auth = typeof parameters.authentication === "string" && parameters.authentication !== "none";
  const isGet = parameters.httpMethod === undefined || parameters.httpMethod === "GET";
  return {
    fields: {
      type: "webhook",
      ...(waits ? { webhook_reply: "after_completion" } : {}),
      ...(isGet ? { takes_get: true } : {}),
    },
    said: [
      "The webhook has an address of its own here: tell it to whoever sends.",
      ...(auth
        ? ["Whoever knows the address may send to it. Protect it in Settings, under Authentication."]
        : []),
    ],
  };
}

function schedule(kind: string, parameters: Record<string, unknown>): Started {
  const rules = rulesOf(kind, parameters);
  const [first, ...others] = rules;
  const expression = first ? cronOf(first) : null;
  const fields = { type: "cron" as const, cron_expression: expression ?? "0 0 * * *" };
  if (expression === null)
    return {
      fields: { ...fields, enabled: false },
      said: ["Its times were not understood: it is switched off. Write a cron expression, and switch it on."],
    };
  const more =
    "It had several times: the first one was taken. Make a workflow, or a cron expression, of the others.";
  return { fields, said: others.length > 0 ? [more] : [] };
}

function rulesOf(kind: string, parameters: Record<string, unknown>): Record<string, unknown>[] {
  if (kind === "interval")
    return [{ mode: "everyX", value: parameters.interval ?? 1, unit: parameters.unit ?? "seconds" }];
  const holder = kind === "cron" ? parameters.triggerTimes : parameters.rule;
  const list = isRecord(holder) ? (holder.item ?? holder.interval) : null;
  return (Array.isArray(list) ? list : [{}]).filter(isRecord);
}

/** A time of n8n as five fields, or null for one that they cannot say, such as every 90 minutes. */
function cronOf(rule: Record<string, unknown>): string | null {
  const number = (key: string, usual: number) => (typeof rule[key] === "number" ? rule[key] : usual);
  const custom = rule.cronExpression ?? rule.expression;
  if (typeof custom === "string") return fiveFields(custom);
  const minute = number("triggerAtMinute", number("minute", 0));
  const hour = number("triggerAtHour", number("hour", 0));
  switch (rule.mode ?? rule.field ?? "days") {
    case "everyMinute":
      return "* * * * *";
    case "everyHour":
      return `${minute} * * * *`;
    case "everyX":
      return every(number("value", 0), String(rule.unit ?? "hours"), 0);
    case "minutes":
      return every(number("minutesInterval", 5), "minutes", 0);
    case "hours":
      return every(number("hoursInterval", 1), "hours", minute);
    case "everyDay":
      return `${minute} ${hour} * * *`;
    case "days":
      return number("daysInterval", 1) === 1 ? `${minute} ${hour} * * *` : null;
    case "everyWeek":
      return `${minute} ${hour} * * ${Number(rule.weekday ?? 1)}`;
    case "weeks": {
      const days =
        Array.isArray(rule.triggerAtDay) && rule.triggerAtDay.length > 0 ? rule.triggerAtDay.join(",") : "0";
      return number("weeksInterval", 1) === 1 ? `${minute} ${hour} * * ${days}` : null;
    }
    case "everyMonth":
    case "months":
      return number("monthsInterval", 1) === 1
        ? `${minute} ${hour} ${number("triggerAtDayOfMonth", number("dayOfMonth", 1))} * *`
        : null;
    default:
      return null;
  }
}

/** Every so many minutes or hours, where that divides an hour or a day. */
function every(value: number, unit: string, minute: number): string | null {
  const [of, written] = unit === "minutes" ? [60, `*/${value} * * * *`] : [24, `${minute} */${value} * * *`];
  if (unit !== "minutes" && unit !== "hours") return null;
  if (value === 1) return unit === "minutes" ? "* * * * *" : `${minute} * * * *`;
  return Number.isInteger(value) && value > 1 && of % value === 0 ? written : null;
}

/** n8n takes a sixth field before the others, seconds, where 0 says nothing. */
function fiveFields(expression: string): string | null {
  const fields = expression.trim().split(/\s+/);
  if (fields.length === 6 && fields[0] === "0") return fields.slice(1).join(" ");
  return fields.length === 5 ? fields.join(" ") : null;
}
