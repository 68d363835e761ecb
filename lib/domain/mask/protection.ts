import { z } from "zod";
import { JsonPathError, parseJsonPath } from "@/lib/json-path";
import { limits, orSay } from "@/lib/limits";
import { downloadRoles, maskableRoles } from "@/lib/words";
import type { Protection } from "@/lib/workflow/types";

const path = z.string().superRefine((text, issue) => {
  try {
    parseJsonPath(text);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    issue.addIssue({ code: "custom", message: error.message });
  }
});

const each = <T extends string>(words: readonly [T, ...T[]], about: string) =>
  z.array(z.enum(words)).max(words.length).meta({ description: about });

export const protection: z.ZodType<Protection, Protection> = z
  .strictObject({
    masks: z.array(path).max(limits.maskPaths, orSay("maskPaths", "The project")).meta({
      description:
        "JSON paths, such as `$.patient.name`. Each is tried on a message, on a state and on the `data` of a state; `$.headers` and `$.query` are the request's.",
    }),
    maskedRoles: each(maskableRoles, "Who sees `•••` there, and wherever else the same text stands."),
    revealRoles: each(
      maskableRoles,
      "Of these, who may see it for a quarter of an hour after saying why; each time is written down.",
    ),
    noDownloadRoles: each(
      downloadRoles,
      "Who downloads nothing: no bodies, no files, no exports. Pages and lists are read as before.",
    ),
  })
  .meta({ id: "Protection" });

/** What holds for a project that says nothing. */
export const unprotected: Protection = {
  masks: [],
  maskedRoles: ["viewer"],
  revealRoles: [],
  noDownloadRoles: [],
};
