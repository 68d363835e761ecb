import { z } from "zod";
import { compileExpression } from "./expressions";
import { functionUuid, UnsupportedError } from "./protocol";
import { nextCron } from "./time";

/** What the SDK's in-band registration says about a function, as far as this engine honours it. */

const trigger = z.union([
  z.strictObject({ event: z.string(), expression: z.string().optional() }),
  z.strictObject({ cron: z.string() }),
]);
const limit = z.union([
  z.number().transform((n) => ({ limit: n, key: undefined, scope: undefined })),
  z.strictObject({
    limit: z.number(),
    key: z.string().optional(),
    scope: z.enum(["fn", "env", "account"]).optional(),
  }),
]);
const registration = z.strictObject({
  id: z.string(),
  name: z.string().optional(),
  triggers: z.array(trigger),
  steps: z.object({ step: z.object({ retries: z.object({ attempts: z.number() }).optional() }) }),
  concurrency: z.union([z.array(limit), limit.transform((one) => [one])]).optional(),
  priority: z.strictObject({ run: z.string().optional() }).optional(),
});

export type EngineFunction = {
  id: string;
  uuid: string;
  maxAttempts: number;
  events: { name: string; if: string | undefined }[];
  crons: string[];
  limits: { limit: number; key: string | undefined; scope: string }[];
  priority: string | undefined;
};

/** Reads registered functions. Throws one sentence naming the function and every option that is not supported. */
export function readFunctions(functions: unknown): EngineFunction[] {
  return z
    .array(z.looseObject({ id: z.string() }))
    .parse(functions)
    .map(readFunction);
}

/** Adds the engine's own limits: Inngest allows a function two, and both may be keyed. */
export const withCeilings = (
  functions: EngineFunction[],
  ceilings: Record<string, number>,
): EngineFunction[] =>
  functions.map((f) => {
    const limit = ceilings[f.id];
    return limit ? { ...f, limits: [...f.limits, { limit, key: undefined, scope: `${f.id}/engine` }] } : f;
  });

function readFunction(raw: { id: string }): EngineFunction {
  const parsed = registration.safeParse(JSON.parse(JSON.stringify(raw)));
  if (!parsed.success) {
    const options = parsed.error.issues.flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => [...issue.path, key].join("."))
        : [issue.path.join(".")],
    );
    throw new UnsupportedError(
      `Function ${raw.id}: ${options.join(", ")} not supported by the embedded engine. Remove it, or connect a real Inngest server.`,
    );
  }
  const f = parsed.data;
  try {
    return checked({
      id: f.id,
      uuid: functionUuid(f.id),
      maxAttempts: (f.steps.step.retries?.attempts ?? 4) + 1,
      events: f.triggers.flatMap((t) => ("event" in t ? [{ name: t.event, if: t.expression }] : [])),
      crons: f.triggers.flatMap((t) => ("cron" in t ? [t.cron] : [])),
      limits: (f.concurrency ?? []).map((l) => ({
        limit: l.limit,
        key: l.key,
        scope: l.scope && l.scope !== "fn" ? l.scope : f.id,
      })),
      priority: f.priority?.run,
    });
  } catch (error) {
    throw new UnsupportedError(
      `Function ${raw.id}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function checked(f: EngineFunction): EngineFunction {
  for (const line of f.crons) nextCron(line);
  const expressions = [f.priority, ...f.limits.map((l) => l.key), ...f.events.map((e) => e.if)];
  for (const expression of expressions) if (expression) compileExpression(expression);
  return f;
}
