import { z } from "zod";
import { egressHosts } from "@/lib/domain/egress-hosts";
import { storable } from "@/lib/domain/fields";
import { env } from "@/lib/env";
import { deliveryRule, ratePerMinute } from "@/lib/inbox/delivery-rule";
import { limits, orSay } from "@/lib/limits";
import { redactionRules } from "@/lib/redaction/rule";
import { projectEnv } from "@/lib/workflow/env-name";
import { projectNameProblem } from "./name";

export const projectNameInput = z.string().superRefine((name, issue) => {
  const problem = projectNameProblem(name);
  if (problem) issue.addIssue({ code: "custom", message: problem });
});

const description = storable.trim().max(limits.description, orSay("description", "The project")).nullable();

export const newProject = z.strictObject({
  /** Made by the client where the project comes from a file that already names it. */
  id: z.uuid().optional(),
  name: projectNameInput,
  description: description.optional(),
});

export const projectStart = newProject
  .omit({ id: true })
  .extend({ from: z.enum(["empty", "sample"]).default("empty") });

export const projectSettings = z
  .strictObject({
    name: projectNameInput,
    description,
    inboxEnabled: z.boolean(),
    concurrency: z.int().min(1).max(1000).nullable(),
    maxBodyBytes: z
      .int()
      .min(1)
      .nullable()
      .refine((n) => n === null || n <= env().MAX_BODY_BYTES, {
        error: () => `This installation accepts at most ${env().MAX_BODY_BYTES} bytes.`,
      }),
    deliveryId: deliveryRule.nullable().meta({
      description:
        "Where senders to the project's inbox URL name a delivery; null: in the usual headers, for 24 hours.",
    }),
    ratePerMinute: ratePerMinute.nullable().meta({
      description:
        "Messages a minute through all of the project's URLs together. More are answered 429; null: no limit.",
    }),
    inboxRatePerMinute: ratePerMinute.nullable().meta({
      description: "The same through the project's inbox URL alone.",
    }),
    redactions: redactionRules,
    egressAllow: egressHosts.nullable(),
    env: projectEnv,
    requireSecondFactor: z.boolean().meta({
      description: "Members without a second factor get nothing of the project, nor do their API tokens.",
    }),
  })
  .partial();

export type ProjectSettingsInput = z.input<typeof projectSettings>;
