import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { stateInput } from "@/lib/domain/dataclip/keep";
import { revision } from "@/lib/domain/draft/schemas";
import { redactInput } from "@/lib/domain/message/redactions";
import { requirePermission } from "@/lib/domain/permissions";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { clientUuid } from "@/lib/domain/workflow/schemas";
import { write } from "@/lib/domain/write";
import type { DraftGraph } from "@/lib/editor/graph";
import { stringifyExact } from "@/lib/exact-json";
import { limits, tooMuch, tooMuchOf, utf8Bytes } from "@/lib/limits";
import { conflict, invalid, notFound, Refusal } from "@/lib/refusal";
import { testModes } from "@/lib/words";
import { insertTest, type NewTest } from "./insert";
import { type OwnDraft, ownDraft } from "./own-draft";
import { pinsOfDraft } from "./pins";
import { pausedSentence } from "./settings";

const start = z.union([
  z.strictObject({ triggerId: clientUuid }),
  z.strictObject({
    jobId: clientUuid,
    alone: z.boolean().default(false).meta({ description: "That job and no other." }),
  }),
]);

const given = z.union([
  z.strictObject({ messageId: z.uuid() }),
  z.strictObject({ dataclipId: z.uuid() }),
  z.strictObject({ stepId: z.uuid() }).meta({ description: "What that step began with." }),
  z.strictObject({ json: stateInput }),
  z.strictObject({}).meta({
    description: "Nothing; at a cron trigger, what its next run would begin with.",
  }),
]);

export const startTestInput = z.strictObject({
  revision,
  mode: z.enum(testModes).meta({
    description: "`record`: nothing is sent, requests are kept. `send`: they are really sent.",
  }),
  start,
  input: given.default({}),
});
const whole = startTestInput.extend({ workflowId: clientUuid });

export const startedTest = z.strictObject({ id: z.uuid() });

/**
 * Tests the caller's draft of a workflow, in the background: at a trigger or a job, with a message, a stored state, what a
 * step began with, a state of their own or none. Adaptors are pinned now. Throws `not_found`, `conflict` when the draft is
 * not the revision that is named, for an input that is gone and for sending from what is paused, `limit` for too many.
 */
export async function startTest(
  ctx: Context,
  input: z.input<typeof whole>,
  { resolveAdaptor }: { resolveAdaptor: ResolveAdaptor },
): Promise<z.infer<typeof startedTest>> {
  requirePermission(ctx, "run.start");
  const asked = whole.parse(input);
  const seen = await ownDraft(ctx, ctx.db, asked.workflowId);
  refuseUnfit(seen, asked);
  const pins = await pinsOfDraft(ctx, seen.graph, asked.start, resolveAdaptor);
  return write(ctx, "run.start", async (tx) => {
    const draft = await ownDraft(ctx, tx, asked.workflowId, true);
    refuseUnfit(draft, asked);
    await refuseTooMany(tx, ctx.project.id, draft.id);
    const { revision, mode } = asked;
    const test: NewTest = {
      ...{ projectId: ctx.project.id, draftId: draft.id, revision, mode, source: "hand", pins },
      ...{ start: asked.start, ...(await inputOf(ctx, tx, draft.graph, asked)) },
    };
    const id = await insertTest(tx, test);
    const { messageId, dataclipId, stepId } = test;
    return {
      result: { id },
      audit: {
        event: "test.start",
        itemId: id,
        after: {
          ...{ workflowId: draft.workflowId, revision, mode, ...asked.start },
          ...{ input: test.inputOf, messageId, dataclipId, stepId },
        },
      },
      changed: { tests: [id] },
    };
  });
}

type Asked = z.output<typeof whole>;

function refuseUnfit(draft: OwnDraft, { revision, mode, start }: Asked): void {
  if (draft.revision !== revision)
    throw conflict("Your draft was saved since. Test it as it is now.", { revision: draft.revision });
  if (mode === "send" && draft.isPaused) throw conflict(pausedSentence);
  const { triggers, jobs } = draft.graph;
  if ("triggerId" in start && !triggers.some(({ id }) => id === start.triggerId))
    throw notFound("The trigger");
  if ("jobId" in start && !jobs.some(({ id }) => id === start.jobId)) throw notFound("The job");
}

/** Throws `limit` when as many tests of the project wait as may, or the draft was tested as often as it may be in a minute. */
async function refuseTooMany(tx: Db, projectId: string, draftId: string): Promise<void> {
  const [row] = await rows<{ waiting: number; lately: number }>(
    tx,
    sql`select (select count(*)::int from test_runs where project_id = ${projectId}::uuid and state = 'waiting') as waiting,
          (select count(*)::int from test_runs where draft_id = ${draftId}::uuid and project_id = ${projectId}::uuid
            and created_at > now() - interval '1 minute') as lately`,
  );
  const { waiting = 0, lately = 0 } = row ?? {};
  if (waiting >= limits.testsWaiting) throw tooMuchNow("testsWaiting", waiting + 1, "The project", 10);
  if (lately >= limits.testsPerMinute) throw tooMuchNow("testsPerMinute", lately + 1, "The draft", 60);
}

const tooMuchNow = (name: "testsWaiting" | "testsPerMinute", size: number, whose: string, seconds: number) =>
  new Refusal("limit", tooMuch(name, size, whose), { limit: { name, max: limits[name], size } }, seconds);

type Given = Pick<NewTest, "inputOf" | "messageId" | "dataclipId" | "stepId" | "input">;
const nothing = { messageId: null, dataclipId: null, stepId: null, input: null };

async function inputOf(ctx: Context, tx: Db, graph: DraftGraph, { input, start }: Asked): Promise<Given> {
  if ("messageId" in input)
    return { ...nothing, inputOf: "message", messageId: await message(ctx, tx, input.messageId) };
  if ("dataclipId" in input)
    return { ...nothing, inputOf: "dataclip", dataclipId: await clip(ctx, tx, input.dataclipId) };
  if ("stepId" in input) return { ...nothing, inputOf: "step", ...(await step(ctx, tx, input.stepId)) };
  if ("json" in input) return { ...nothing, inputOf: "json", input: await brought(ctx, tx, input.json) };
  const trigger = "triggerId" in start && graph.triggers.find(({ id }) => id === start.triggerId);
  return { ...nothing, inputOf: trigger && trigger.type === "cron" ? "clock" : "none" };
}

/** OpenFn's rule: without `configuration`. */
async function brought(ctx: Context, tx: Db, json: unknown): Promise<string> {
  if (typeof json !== "object" || json === null) throw invalid("A state is a JSON object.");
  const { configuration: _, ...state } = json as Record<string, unknown>;
  const text = await redactInput({ ...ctx, db: tx }, stringifyExact(state));
  const size = utf8Bytes(text);
  if (size > limits.testInput) throw tooMuchOf("testInput", size, "The input");
  return text;
}

async function message({ project }: Context, tx: Db, id: string): Promise<string> {
  const [row] = await rows<{ isWiped: boolean }>(
    tx,
    sql`select wiped_at is not null as "isWiped" from messages where id = ${id}::uuid and project_id = ${project.id}::uuid`,
  );
  if (!row) throw notFound("The message");
  if (row.isWiped)
    throw conflict("What this message said is wiped, so there is nothing to test on. Choose another.");
  return id;
}

async function clip({ project }: Context, tx: Db, id: string): Promise<string> {
  const [row] = await rows<{ isThere: boolean }>(
    tx,
    sql`select body is not null as "isThere" from dataclips where id = ${id}::uuid and project_id = ${project.id}::uuid`,
  );
  if (!row) throw notFound("The input");
  if (!row.isThere) throw conflict("This input is not kept any more. Choose another.");
  return id;
}

/** With the message that it was about, whose bytes its job may ask for. */
async function step({ project }: Context, tx: Db, id: string) {
  const [row] = await rows<{ messageId: string | null }>(
    tx,
    sql`select message_id as "messageId" from steps where id = ${id}::uuid and project_id = ${project.id}::uuid`,
  );
  if (!row) throw notFound("The step");
  return { stepId: id, messageId: row.messageId };
}
