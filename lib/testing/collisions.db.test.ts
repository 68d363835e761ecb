import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { getMessage } from "@/lib/domain/message/get";
import { listMessages } from "@/lib/domain/message/list";
import { createProject } from "@/lib/domain/project/create";
import { deleteProject } from "@/lib/domain/project/delete";
import { importProject } from "@/lib/domain/project/import";
import { rotateInbox } from "@/lib/domain/project/rotate-inbox";
import { sampleFiles, sampleYaml } from "@/lib/domain/project/sample-files";
import { updateProject } from "@/lib/domain/project/update";
import { listRuns } from "@/lib/domain/run/list";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { jobsWithLastStep } from "@/lib/domain/workflow/last-states";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import type { SaveWorkflowInput } from "@/lib/domain/workflow/schemas";
import { executeRun } from "@/lib/execution/execute-run";
import { fireDueCronTriggers } from "@/lib/execution/fire-cron";
import { sweepUnfinished } from "@/lib/execution/sweep";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { type Clinic, createClinic, elevenSecondsLater } from "./clinic";
import { ownTestDatabase } from "./database";
import { testExecutionHost } from "./execution-host";
import { createTestUser, expectRefusal, userContextFor } from "./fixtures";
import { ScriptedRunner } from "./scripted-runner";
import { rowsOf } from "./tenant-rows";

/** Two tenants, of whom one has the other's ids: what a sender, a former member or a copied file knows. */
const database = await ownTestDatabase();
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
let victim: Clinic;
let stranger: Clinic;

beforeEach(async () => {
  victim = await createClinic();
  stranger = await createClinic();
});

const post = async (id: string, body: unknown = { form: "visit" }) =>
  accept(
    {
      method: "POST",
      segments: [id],
      search: "",
      headers: { "content-type": "application/json" },
      body: (async function* () {
        yield Buffer.from(JSON.stringify(body));
      })(),
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );

type Triggers = SaveWorkflowInput["triggers"];

/** A new workflow of one job that starts at a trigger. */
function workflowOf(trigger: Triggers[number], jobId: string = randomUUID()): SaveWorkflowInput {
  const job = { id: jobId, name: "Keep", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" };
  const edge = {
    id: randomUUID(),
    sourceTriggerId: trigger.id,
    targetJobId: jobId,
    conditionType: "always" as const,
  };
  return { name: `w-${randomUUID()}`, triggers: [trigger], jobs: [job], edges: [edge] };
}

const save = (ctx: Context, workflow: SaveWorkflowInput) => saveWorkflow(ctx, workflow, deps);
const webhook = (id: string, enabled = true) => workflowOf({ id, type: "webhook", enabled });

/** Saves the workflow of the victim's URL again with other triggers and jobs. */
const replaceHook = (id: string, jobId: string, lockVersion = 1) =>
  save(victim.ctx, {
    ...workflowOf({ id, type: "webhook" }, jobId),
    id: victim.workflows.hook,
    name: "Hook",
    lockVersion,
  });

/** As if it had never been written down which ids are whose: what holds then is not the registry. */
const forget = (...ids: string[]) => database.query("delete from taken_ids where id = any($1)", [ids]);

describe("a public URL stays whose it was", () => {
  test.each([true, false])("an inbox id is nobody's trigger (enabled: %s)", async (enabled) => {
    await expectRefusal(save(stranger.ctx, webhook(victim.project.inboxId, enabled)), "conflict");
    const answer = await post(victim.project.inboxId);
    expect(answer).toMatchObject({ status: 202, accepted: { projectId: victim.ctx.project.id } });
  });

  test("neither is one that was replaced: its URL is nobody's", async () => {
    await rotateInbox(victim.ctx);
    await expectRefusal(save(stranger.ctx, webhook(victim.project.inboxId)), "conflict");
    await expectRefusal(save(victim.ctx, webhook(victim.project.inboxId)), "conflict");
    expect((await post(victim.project.inboxId)).status).toBe(404);
  });

  test("the URL of a trigger that was replaced can be had by its project alone", async () => {
    await replaceHook(randomUUID(), victim.jobs.hooked);
    await expectRefusal(save(stranger.ctx, webhook(victim.triggers.hook)), "conflict");
    expect((await post(victim.triggers.hook)).status).toBe(404);
    await save(victim.ctx, webhook(victim.triggers.hook));
    expect((await post(victim.triggers.hook)).accepted).toMatchObject({ projectId: victim.ctx.project.id });
  });

  test("a trigger that was no webhook when it was removed is taken, too", async () => {
    await save(victim.ctx, {
      ...workflowOf({ id: randomUUID(), type: "message_filter" }),
      id: victim.workflows.visit,
      lockVersion: 1,
    });
    await expectRefusal(save(stranger.ctx, webhook(victim.triggers.visit)), "conflict");
  });

  test("a trigger cannot become a webhook on its way: the type does not matter", async () => {
    const cron = { id: victim.triggers.hook, type: "cron" as const, cronExpression: "* * * * *" };
    await expectRefusal(save(stranger.ctx, workflowOf(cron)), "conflict");
    await expectRefusal(save(stranger.ctx, workflowOf({ ...cron, id: victim.project.inboxId })), "conflict");
  });

  test("after the project was deleted, all of its ids are taken, its own included", async () => {
    await deleteProject(victim.ctx, { confirmName: victim.project.name });
    for (const id of [victim.project.inboxId, victim.triggers.hook, victim.triggers.visit])
      await expectRefusal(save(stranger.ctx, webhook(id)), "conflict");
    const user = userContextFor(await createTestUser());
    await expectRefusal(createProject(user, { id: victim.project.id, name: "heir" }), "conflict");
    await expectRefusal(
      createProject(user, { id: victim.project.id.toUpperCase(), name: "heir" }),
      "conflict",
    );
    expect((await post(victim.triggers.hook)).status).toBe(404);
  });

  test("of two who take an id at once, one has it", async () => {
    const id = randomUUID();
    const saves = [victim, stranger].map(({ ctx }) => save(ctx, webhook(id)));
    const outcomes = await Promise.allSettled(saves);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const winner = outcomes[0]?.status === "fulfilled" ? victim : stranger;
    expect((await post(id)).accepted).toMatchObject({ projectId: winner.ctx.project.id });
  });

  test("two who take the same ids in other orders never wait for each other", async () => {
    const triggers = [randomUUID(), randomUUID(), randomUUID(), randomUUID()].map((id) => ({
      id,
      type: "webhook" as const,
      enabled: false,
    }));
    const of = (own: Triggers): SaveWorkflowInput => ({
      name: `w-${randomUUID()}`,
      triggers: own,
      jobs: [],
      edges: [],
    });
    const outcomes = await Promise.allSettled([
      save(victim.ctx, of(triggers)),
      save(stranger.ctx, of(triggers.toReversed())),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = outcomes.find((outcome) => outcome.status === "rejected");
    expect(lost?.reason).toMatchObject({ code: "conflict" });
  });

  test("were there two all the same, the project's own URL would be called", async () => {
    const trigger = { id: randomUUID(), type: "webhook" as const };
    await save(stranger.ctx, { ...workflowOf(trigger), edges: [] });
    await database.query("update triggers set id = $2 where id = $1", [trigger.id, victim.project.inboxId]);
    expect(await post(victim.project.inboxId)).toMatchObject({
      status: 202,
      accepted: { projectId: victim.ctx.project.id },
    });
    await updateProject(victim.ctx, { inboxEnabled: false });
    expect((await post(victim.project.inboxId)).status).toBe(403);
  });

  test("a refusal says the same whatever became of the id", async () => {
    const removed = victim.triggers.hook;
    await replaceHook(randomUUID(), victim.jobs.hooked);
    const replaced = victim.project.inboxId;
    const { inboxId } = await rotateInbox(victim.ctx);
    const ids = [removed, replaced, inboxId, victim.triggers.visit, victim.jobs.payment, victim.project.id];
    for (const id of ids) {
      const refusal = await expectRefusal(save(stranger.ctx, webhook(id)), "conflict");
      expect(refusal.message).toBe("An id in this workflow is taken. Give new items new ids.");
      expect(refusal.details).toEqual({ ids: [id] });
    }
  });

  test("a refused save leaves no id taken", async () => {
    const own = randomUUID();
    const workflow = webhook(own);
    await expectRefusal(
      save(stranger.ctx, {
        ...workflow,
        jobs: workflow.jobs.map((job) => ({ ...job, id: victim.jobs.payment })),
      }),
      "invalid",
    );
    await expectRefusal(
      save(stranger.ctx, {
        ...workflow,
        edges: workflow.edges.map((edge) => ({ ...edge, id: victim.jobs.payment })),
      }),
      "conflict",
    );
    await save(victim.ctx, webhook(own));
  });
});

describe("a removed job's id", () => {
  const secret = '{"data":{"patient":"Amina"}}';
  let messageId: string;

  beforeEach(async () => {
    messageId = await victim.receive({ any: 1 }, { to: victim.triggers.hook });
    await victim.execute(messageId, () => ({ output: secret }));
    await replaceHook(victim.triggers.hook, randomUUID());
  });

  const heir = () => {
    const trigger = {
      id: randomUUID(),
      type: "cron" as const,
      cronExpression: "* * * * *",
      cronCursorJobId: victim.jobs.hooked,
    };
    return workflowOf(trigger, victim.jobs.hooked);
  };

  test("is nobody else's, and its own project's again", async () => {
    await expectRefusal(save(stranger.ctx, heir()), "conflict");
    await replaceHook(victim.triggers.hook, victim.jobs.hooked, 2);
  });

  test("were it somebody else's all the same, nothing of it would be theirs", async () => {
    await forget(victim.jobs.hooked);
    const { id: workflowId } = await save(stranger.ctx, heir());
    await database.query(
      "update triggers set next_run_at = now() - interval '1 minute' where workflow_id = $1",
      [workflowId],
    );
    const before = await rowsOf(victim.ctx.project.id);

    const runner = new ScriptedRunner();
    const host = testExecutionHost(runner);
    expect(await fireDueCronTriggers(host)).toBe(1);
    const [run] = (await listRuns(stranger.ctx, { workflow: workflowId })).items;
    await executeRun(host, run?.id ?? "", (_, work) => work());
    expect(runner.started.map(({ input }) => input)).toEqual(["{}"]);

    const [job] = (await jobsWithLastStep(stranger.ctx, [workflowId])).get(workflowId) ?? [];
    expect(job?.last?.runId).toBe(run?.id);
    expect(await listMessages(stranger.ctx, { job: victim.jobs.hooked })).toMatchObject({ items: [] });
    const [kept] = (await listMessages(victim.ctx, { job: victim.jobs.hooked })).items;
    expect(kept?.id).toBe(messageId);
    expect(await rowsOf(victim.ctx.project.id)).toEqual(before);
  });

  test("were it in two projects, each would run its own on what is its own", async () => {
    await forget(victim.jobs.hooked, victim.workflows.hook);
    const mine = workflowOf({ id: randomUUID(), type: "webhook" }, victim.jobs.hooked);
    await save(stranger.ctx, mine);
    const before = await rowsOf(victim.ctx.project.id);
    const sent = await stranger.receive({ any: 2 }, { to: mine.triggers[0]?.id ?? "" });
    await stranger.execute(sent);
    await elevenSecondsLater(sent);
    await rerunMessage(stranger.ctx, { messageId: sent, jobId: victim.jobs.hooked });
    await stranger.execute(sent);
    await expectRefusal(rerunMessage(stranger.ctx, { messageId, jobId: victim.jobs.hooked }), "not_found");
    expect((await getMessage(stranger.ctx, sent)).jobStates).toMatchObject([{ result: "success" }]);
    expect(await rowsOf(victim.ctx.project.id)).toEqual(before);
  });
});

test("the safety net hands back what is lost of one project, whose step ends, and touches nothing of the other's", async () => {
  const [theirs, mine] = await Promise.all([
    victim.receive({ any: 1 }, { to: victim.triggers.hook }),
    stranger.receive({ any: 1 }, { to: stranger.triggers.hook }),
  ]);
  await Promise.all([victim.execute(theirs), stranger.execute(mine)]);
  await database.query(
    `with s as (update steps set finished_at = null, exit_reason = null, started_at = now() - interval '1 day' where message_id = $1)
     update runs set state = 'running', finished_at = null, executor_id = gen_random_uuid() where message_id = $1`,
    [mine],
  );
  const before = await rowsOf(victim.ctx.project.id);
  const host = testExecutionHost(new ScriptedRunner());
  expect(await sweepUnfinished(host)).toEqual({ handedBack: 1 });
  const [run] = (await listRuns(stranger.ctx, { state: "running" })).items;
  await executeRun(host, run?.id ?? "", (_, work) => work());
  expect((await listRuns(stranger.ctx, { state: "lost" })).items).toMatchObject([{ messageId: mine }]);
  expect(await rowsOf(victim.ctx.project.id)).toEqual(before);
});

test("one file imported by two has ids of its own in each", async () => {
  const file = { yaml: sampleYaml, files: sampleFiles };
  const imported = [];
  for (const one of [victim, stranger]) {
    const user = userContextFor({
      id: "userId" in one.ctx.actor ? one.ctx.actor.userId : "",
      email: "a@example.org",
    });
    imported.push(await importProject(user, file, deps));
  }
  const ids = await database.query<{ id: string }>("select id from taken_ids where project_id = any($1)", [
    imported.map(({ project }) => project.id),
  ]);
  const items = await database.query<{ id: string }>(
    `select id from triggers where project_id = any($1) union all select id from jobs where project_id = any($1)
     union all select id from edges where project_id = any($1) union all select id from workflows where project_id = any($1)`,
    [imported.map(({ project }) => project.id)],
  );
  const known = new Set(ids.map(({ id }) => id));
  expect(items.length).toBeGreaterThan(8);
  expect(items.filter(({ id }) => !known.has(id))).toEqual([]);
  expect(known.size).toBe(items.length + 4);
});
