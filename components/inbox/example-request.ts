import type { Json, TriggerNode } from "@/lib/workflow/types";

export type ExampleRequest = { url: string; body: string; curl: string };

const sample = { patient: { id: "P-1001", name: "Amina Diallo" } };

/** A request that the project would act on: it satisfies the filter of the trigger given, or calls its own URL. */
export function exampleRequest({
  origin,
  inboxUrl,
  trigger,
}: {
  origin: string;
  inboxUrl: string;
  trigger: Pick<TriggerNode, "id" | "type" | "inclusion"> | undefined;
}): ExampleRequest {
  const url = trigger?.type === "webhook" ? `${origin}/i/${trigger.id}` : inboxUrl;
  const body = JSON.stringify(merge(sample, trigger?.inclusion ?? {}));
  const quoted = body.replaceAll("'", "'\\''");
  return {
    url,
    body,
    curl: `curl -X POST '${url}' \\\n  -H 'content-type: application/json' \\\n  -d '${quoted}'`,
  };
}

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `over` laid over `under`, object by object, so that what a filter asks for is always in the result. */
function merge(under: Json, over: Json): Json {
  if (!isObject(under) || !isObject(over)) return over;
  const merged: { [key: string]: Json } = { ...over };
  for (const [key, value] of Object.entries(under)) {
    const above = over[key];
    merged[key] = above === undefined ? value : merge(value, above);
  }
  return merged;
}
