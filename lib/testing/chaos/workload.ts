import { randomUUID } from "node:crypto";
import { database } from "@/db/client";
import { createProject, ownerContext } from "@/lib/domain/project/create";
import { createToken } from "@/lib/domain/token/create";
import { createUser } from "@/lib/domain/user/create";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { announce } from "@/lib/live/shared";
import { shippedSpecifiers } from "@/lib/shipped";

/** Where messages are sent, and which jobs they lead to. */
export type Way = { projectId: string; name: string; path: string };

export type Workload = {
  projectIds: string[];
  token: string;
  ways: Way[];
  /** Names of jobs by id; `writes` those that make exactly one request an execution. */
  jobs: Map<string, { name: string; writes: boolean }>;
};

type JobPlan = { name: string; code: string; writes: boolean };
type EdgePlan = [from: string | null, to: string, condition: "always" | "on_job_success" | "on_job_failure"];
type WorkflowPlan = { name: string; cron?: string; jobs: JobPlan[]; edges: EdgePlan[] };

const wait = (ms: string) => `fn(state => new Promise(resolve => setTimeout(() => resolve(state), ${ms})));`;

function plansFor(sinkUrl: string): WorkflowPlan[] {
  const known =
    "fn(state => ({ ...state, n: state.n ?? state.data?.n ?? null, execution: Math.random().toString(36).slice(2) }));";
  const writes = (name: string, before = "", after = ""): JobPlan => ({
    name,
    writes: true,
    code: `${known}
${before}
post(${JSON.stringify(sinkUrl)}, state => ({ n: state.n, job: ${JSON.stringify(name)}, execution: state.execution }));
${after}`,
  });
  const starts = (to: string): EdgePlan => [null, to, "always"];
  return [
    {
      name: "plain",
      jobs: [{ name: "plain", code: "fn(state => ({ ...state, seen: true }));", writes: false }],
      edges: [starts("plain")],
    },
    { name: "one", jobs: [writes("one")], edges: [starts("one")] },
    {
      name: "two",
      jobs: [writes("first"), writes("second")],
      edges: [starts("first"), ["first", "second", "on_job_success"]],
    },
    {
      name: "caught",
      jobs: [
        writes("tries", "", "fn(state => { if (state.n % 2) throw new Error('no'); return state; });"),
        writes("catches"),
      ],
      edges: [starts("tries"), ["tries", "catches", "on_job_failure"]],
    },
    {
      name: "long",
      jobs: [
        writes("waits first", wait("2000 + (state.n % 5) * 1000")),
        writes("waits then", "", wait("2000 + (state.n % 4) * 1000")),
      ],
      edges: [starts("waits first"), ["waits first", "waits then", "always"]],
    },
    { name: "clock", cron: "* * * * *", jobs: [writes("clock")], edges: [starts("clock")] },
  ];
}

/** Two projects with the same workflows, and a token for both. Needs the product's database in this process's environment. */
export async function createWorkload(sinkUrl: string): Promise<Workload> {
  const { db } = database();
  const email = `chaos-${randomUUID()}@example.org`;
  const user = await createUser({ db }, { email, password: randomUUID() });
  const actor = { type: "user", userId: user.id, label: email } as const;
  const workload: Workload = { projectIds: [], token: "", ways: [], jobs: new Map() };
  for (const name of ["north", "south"]) {
    const project = await createProject(
      { actor, db, announce },
      { name: `${name}-${randomUUID().slice(0, 8)}` },
    );
    workload.projectIds.push(project.id);
    const ctx = ownerContext({ actor, db, announce }, project);
    for (const plan of plansFor(sinkUrl)) await createWorkflow(workload, ctx, plan);
  }
  const { token } = await createToken({ actor, db, announce }, { name: "chaos", scopes: ["read", "run"] });
  return { ...workload, token };
}

async function createWorkflow(
  workload: Workload,
  ctx: ReturnType<typeof ownerContext>,
  { name, cron, jobs, edges }: WorkflowPlan,
): Promise<void> {
  const trigger = randomUUID();
  const ids = new Map(jobs.map((job) => [job.name, randomUUID()]));
  const idOf = (job: string) => ids.get(job) ?? "";
  await saveWorkflow(
    ctx,
    {
      name,
      triggers: [
        cron
          ? { id: trigger, type: "cron", cronExpression: cron, enabled: true }
          : { id: trigger, type: "webhook", enabled: true },
      ],
      jobs: jobs.map((job) => ({
        id: idOf(job.name),
        name: job.name,
        body: job.code,
        adaptor: job.writes ? shippedSpecifiers.http : shippedSpecifiers.common,
        projectCredentialId: null,
      })),
      edges: edges.map(([from, to, conditionType]) => ({
        id: randomUUID(),
        sourceTriggerId: from === null ? trigger : null,
        sourceJobId: from === null ? null : idOf(from),
        targetJobId: idOf(to),
        conditionType,
        conditionExpression: null,
        conditionLabel: null,
        enabled: true,
      })),
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  for (const job of jobs) workload.jobs.set(idOf(job.name), { name: job.name, writes: job.writes });
  if (!cron) workload.ways.push({ projectId: ctx.project.id, name, path: `/i/${trigger}` });
}
