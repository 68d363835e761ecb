import { curl } from "@/components/copy-as/curl";
import { type ExactJson, ExactNumber, stringifyExact } from "@/lib/exact-json";
import type { TriggerNode } from "@/lib/workflow/types";

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
  const body = stringifyExact(merge(sample, trigger?.inclusion ?? {}));
  const headers = [["content-type", "application/json"]] as const;
  return { url, body, curl: curl({ method: "POST", url, headers, body: { text: body } }) };
}

const isObject = (value: ExactJson): value is { [key: string]: ExactJson } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);

/** `over` laid over `under`, object by object, so that what a filter asks for is always in the result. */
function merge(under: ExactJson, over: ExactJson): ExactJson {
  if (!isObject(under) || !isObject(over)) return over;
  const merged: { [key: string]: ExactJson } = { ...over };
  for (const [key, value] of Object.entries(under)) {
    const above = over[key];
    merged[key] = above === undefined ? value : merge(value, above);
  }
  return merged;
}
