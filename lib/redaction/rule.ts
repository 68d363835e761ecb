import { z } from "zod";
import { JsonPathError, type PathSelector, parseJsonPath } from "@/lib/json-path";
import { limits, orSay } from "@/lib/limits";
import { readingHeaders } from "./reading-headers";

const parts = ["headers", "query_params", "path"];

/** Why a path can lead to nothing that is redacted, in a sentence; null when it can. */
function problemOf(text: string): string | null {
  try {
    const [first, second, third] = parseJsonPath(text).steps;
    if (!first) return '"$" is all of a message. Write $.data for its body, or what of it is to be redacted.';
    if (first.isDeep) return null;
    const isIn = (step: typeof second, names: readonly string[]) =>
      !step || step.isDeep || step.selectors.some((one) => isOne(one, names));
    if (!isIn(first, ["data", "request"]))
      return `A path begins with $.data, for the body, or with ${parts.map((part) => `$.request.${part}`).join(", ")}.`;
    if (isIn(first, ["data"])) return null;
    if (!isIn(second, parts)) return `What is redacted of a request is in ${parts.join(", ")}.`;
    const names = third?.selectors.map((one) => (typeof one === "object" && "name" in one ? one.name : "*"));
    const isHeader = second && !second.isDeep && isIn(second, ["headers"]);
    return isHeader && names?.length && names.every((name) => readingHeaders.includes(name.toLowerCase()))
      ? "This header says how the body is to be read, so it is never redacted."
      : isHeader && names?.some((name) => name !== name.toLowerCase())
        ? "Names of headers are in small letters."
        : null;
  } catch (error) {
    if (error instanceof JsonPathError) return error.message;
    throw error;
  }
}

const isOne = (selector: PathSelector, names: readonly string[]): boolean =>
  selector === "*" || ("name" in selector && names.includes(selector.name));

/** What a project redacts before it stores a message. */
export const redactionRules = z
  .array(
    z.strictObject({
      path: z.string().superRefine((path, issue) => {
        const problem = problemOf(path);
        if (problem) issue.addIssue({ code: "custom", message: problem });
      }),
    }),
  )
  .max(limits.redactions, orSay("redactions", "The project"))
  .refine((rules) => new Set(rules.map(({ path }) => path)).size === rules.length, "Name each path once.")
  .meta({
    description:
      "Paths (RFC 9535, without filters) of what is redacted of every message before it is stored, from the state that a message is to a job: `$.data.patient.name`, `$.request.headers['x-patient']`, `$.request.query_params.id`, `$..national_id`.",
  });
