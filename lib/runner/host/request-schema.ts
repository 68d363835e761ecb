import { z } from "zod";
import { limits as bounds } from "@/lib/limits";
import type { AnswerPart, EdgeExpression, StepRef, StepRequest } from "@/lib/runner/contract";
import { maxStepLimits } from "@/lib/runner/limits";

const id = z.string().min(1).max(200);
const conditions = z.array(z.object({ edgeId: id, expression: z.string().max(64 * 1024) })).max(500);
const amount = z.number().positive().optional();
const hosts = z.array(z.string().min(1).max(300)).max(1000);

/** More than an executor has at once. */
const maxForgotten = 1_000;
const maxHiddenValues = 1_000;
const maxHiddenChars = 256 * 1024;

const limits = z
  .object({
    timeoutMs: amount,
    memoryMb: amount,
    maxStateBytes: amount,
    maxLogLines: amount,
    maxLogBytes: amount,
    maxConnections: amount,
    maxNetworkBytes: amount,
  })
  .partial();

/** Base64 of the largest state: bodies of messages are smaller. */
const bytes = z.string().max(Math.ceil(maxStepLimits.maxStateBytes / 3) * 4);
const place = z.int().nonnegative();

const ordinal = z.int().nonnegative();

const step = z.object({
  stepId: id,
  epoch: ordinal.optional(),
  attempt: ordinal.optional(),
  runId: id,
  projectId: id,
  job: z.object({
    id,
    name: z.string().max(1000),
    source: z.string().max(bounds.jobCode),
    adaptor: z.object({ name: z.string().max(300), version: z.string().max(100) }),
  }),
  input: z.string().max(maxStepLimits.maxStateBytes),
  message: z
    .object({
      body: bytes,
      plain: bytes.optional(),
      files: z
        .array(z.object({ start: place, end: place, isBase64: z.boolean().optional() }))
        .max(bounds.messageParts),
    })
    .optional(),
  configuration: z.record(z.string(), z.unknown()).nullable(),
  // An engine of the release before sends none: such a step gets a worker of its own.
  credentialId: id.nullable().default(null),
  conditions,
  limits: limits.optional(),
  egress: z
    .object({
      onlyHosts: hosts.optional(),
      credentialHosts: hosts.optional(),
      record: z.boolean().optional(),
    })
    .optional(),
  collections: z.object({ token: z.string().min(1).max(1000) }).optional(),
  hidden: z.array(z.string().max(maxHiddenChars)).max(maxHiddenValues).optional(),
  isAlone: z.boolean().optional(),
});

const part = z.object({
  seq: ordinal,
  isLast: z.boolean(),
  head: z
    .object({
      status: z.int().min(200).max(599),
      headers: z.record(z.string().max(100), z.string().max(1000)),
    })
    .optional(),
});

const evaluation = z.object({
  projectId: id,
  input: z.string().max(maxStepLimits.maxStateBytes),
  conditions,
});
const stepRef = z.object({ stepId: id, epoch: ordinal, attempt: ordinal });
const stepRefs = z.object({ steps: z.array(stepRef).max(maxForgotten) });
const adaptor = z.object({ name: z.string().max(300), version: z.string().max(100) });

const artefactHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "An artefact is named by its SHA-256: 64 lower-case hexadecimal digits.");

/** zod adds `undefined` to optional keys; JSON cannot carry it, so the parsed value has the contract's exact shape. */
const exact = <T>(value: unknown): T => value as T;

export const parseStepRequest = (body: unknown): StepRequest => exact<StepRequest>(step.parse(body));
export const parseStepRef = (value: unknown): StepRef => stepRef.parse(value);
export const parseStepRefs = (body: unknown): StepRef[] => stepRefs.parse(body).steps;
export const parseAnswerPart = (text: string): Pick<AnswerPart, "seq" | "isLast" | "head"> =>
  exact(part.parse(JSON.parse(text)));
export const parseCall = (text: string): number => ordinal.parse(Number(text));
export const parseEvaluation = (
  body: unknown,
): { projectId: string; input: string; conditions: EdgeExpression[] } => evaluation.parse(body);
export const parseArtefactHash = (text: unknown): string => artefactHash.parse(text);
export const parseAdaptorRequest = (body: unknown): { name: string; version: string } => adaptor.parse(body);
