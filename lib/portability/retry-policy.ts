import { retryProblems } from "@/lib/workflow/retry";
import type { RetryPolicy } from "@/lib/workflow/types";
import { grammar } from "./grammar";
import { isRecord, type MapReader } from "./reader";

/** A job's `retry`, checked; null when there is none, or when it says something that cannot be obeyed. */
export function readRetry(job: MapReader): RetryPolicy | null {
  if (!job.has("retry")) return null;
  const raw = job.raw("retry");
  if (!isRecord(raw)) {
    job.problem(`retry of ${job.key} must be a map of ${grammar.retry.obeyed.join(", ")}.`, "retry");
    return null;
  }
  const reader = job.within("retry", raw);
  reader.keys(grammar.retry);
  const required = (field: string): number | null => {
    const value = reader.whole(field);
    if (value === null && !reader.has(field))
      reader.problem(`The retry policy of ${job.key} needs ${field}.`);
    return value;
  };
  const attempts = required("attempts");
  const delaySeconds = required("delay_seconds");
  const maxDelaySeconds = required("max_delay_seconds");
  const errorTypes = reader.has("error_types") ? typesOf(reader, raw.error_types) : null;
  if (attempts === null || delaySeconds === null || maxDelaySeconds === null) return null;
  const policy = { attempts, delaySeconds, maxDelaySeconds, errorTypes };
  for (const problem of retryProblems(policy)) reader.problem(problem);
  return policy;
}

function typesOf(reader: MapReader, value: unknown): string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === "string"))
    return value.map((one) => reader.storable("error_types", one).slice(0, maxTypeChars));
  reader.problem("error_types must be a list of texts, such as [JobError, TimeoutError].", "error_types");
  return [];
}

const maxTypeChars = 100;
