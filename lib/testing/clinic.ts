import { randomUUID } from "node:crypto";
import type { Context } from "@/lib/domain/context";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import type { LogLine, StepRequest } from "@/lib/runner/contract";
import type { Role } from "@/lib/words";
import { testDatabase } from "./database";
import { testExecutionHost } from "./execution-host";
import { contextFor, createTestProject, createTestUser, type TestProject } from "./fixtures";
import { ScriptedRunner } from "./scripted-runner";

type Send = { contentType?: string; encoding?: string; path?: string[]; search?: string; to?: string };
type Script = ConstructorParameters<typeof ScriptedRunner>[0];

/**
 * A project that receives: "Visit" takes inbox messages whose form is "visit" and does Referral and Payment (Notify when
 * the payment fails); "Hook" has a trigger URL and one job.
 */
export type Clinic = {
  ctx: Context;
  project: TestProject;
  /** The owner's context with another role. */
  as(role: Role): Context;
  workflows: { visit: string; hook: string };
  triggers: { visit: string; hook: string };
  jobs: { referral: string; payment: string; notify: string; hooked: string };
  /** Accepts a message as the inbox does; what is not bytes or text is sent as JSON. Returns its id. */
  receive(body: unknown, how?: Send): Promise<string>;
  /** Runs everything that waits for the message, by script. */
  execute(messageId: string, script?: Script, logs?: LogLine[]): Promise<void>;
};

class LoggingRunner extends ScriptedRunner {
  logs: LogLine[] = [];
  override async runStep(request: StepRequest, onLog?: (lines: LogLine[]) => void) {
    if (this.logs.length > 0) onLog?.(this.logs);
    return super.runStep(request);
  }
}

/** Makes a clinic of its own, with its own owner. */
export async function createClinic(): Promise<Clinic> {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  const ids = <T extends string>(...names: T[]) =>
    Object.fromEntries(names.map((name) => [name, randomUUID()])) as Record<T, string>;
  const workflows = ids("visit", "hook");
  const triggers = ids("visit", "hook");
  const jobs = ids("referral", "payment", "notify", "hooked");
  const job = (id: string, name: string) => ({
    id,
    name,
    body: "fn(s => s)",
    adaptor: "@openfn/language-common@3.3.4",
  });
  const edge = (from: { sourceTriggerId: string } | { sourceJobId: string }, targetJobId: string) => ({
    id: randomUUID(),
    ...from,
    targetJobId,
    conditionType: "sourceJobId" in from ? ("on_job_failure" as const) : ("always" as const),
  });
  const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
  await saveWorkflow(
    ctx,
    {
      id: workflows.visit,
      name: "Visit",
      triggers: [{ id: triggers.visit, type: "message_filter", inclusion: { form: "visit" } }],
      jobs: [job(jobs.referral, "Referral"), job(jobs.payment, "Payment"), job(jobs.notify, "Notify")],
      edges: [
        edge({ sourceTriggerId: triggers.visit }, jobs.referral),
        edge({ sourceTriggerId: triggers.visit }, jobs.payment),
        edge({ sourceJobId: jobs.payment }, jobs.notify),
      ],
    },
    deps,
  );
  await saveWorkflow(
    ctx,
    {
      id: workflows.hook,
      name: "Hook",
      triggers: [{ id: triggers.hook, type: "webhook" }],
      jobs: [job(jobs.hooked, "Hooked")],
      edges: [edge({ sourceTriggerId: triggers.hook }, jobs.hooked)],
    },
    deps,
  );
  return {
    ctx,
    project,
    as: (role) => ({ ...ctx, role }),
    workflows,
    triggers,
    jobs,
    receive: (body, how = {}) => receive(how.to ?? project.inboxId, body, how),
    execute,
  };
}

async function receive(to: string, body: unknown, how: Send): Promise<string> {
  const bytes =
    body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const answer = await accept(
    {
      method: "POST",
      segments: [to, ...(how.path ?? [])],
      search: how.search ?? "",
      headers: {
        "content-type": how.contentType ?? "application/json",
        ...(how.encoding ? { "content-encoding": how.encoding } : {}),
      },
      body: (async function* () {
        yield bytes;
      })(),
    },
    { query: testDatabase().query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 5e6 },
  );
  if (!answer.accepted) throw new Error(`The message was not accepted: ${answer.status}`);
  return answer.accepted.messageId;
}

async function execute(messageId: string, script?: Script, logs: LogLine[] = []): Promise<void> {
  const runner = new LoggingRunner(script);
  runner.logs = logs;
  const host = testExecutionHost(runner);
  const runs = await testDatabase().query<{ id: string }>(
    "select id from runs where message_id = $1 and state = 'pending' order by id",
    [messageId],
  );
  for (const run of runs) await executeRun(host, run.id, (_, work) => work());
}

/** Saves a workflow of the clinic under another name: its next version. */
export async function renameWorkflow({ ctx }: Clinic, id: string, name: string): Promise<void> {
  const { graph, lockVersion } = await getWorkflow(ctx, { id });
  const jobs = graph.jobs.map(({ adaptorVersion: _, ...job }) => job);
  const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
  await saveWorkflow(ctx, { ...graph, jobs, id, name, lockVersion }, deps);
}

/** Steps back in time what has happened to a message, so that its jobs may start again. */
export const elevenSecondsLater = (messageId: string) =>
  testDatabase().query(
    `with s as (update steps set started_at = started_at - interval '11 s', finished_at = finished_at - interval '11 s' where message_id = $1)
     update runs set created_at = created_at - interval '11 s' where message_id = $1`,
    [messageId],
  );
