import { z } from "zod";
import { openfnCredential } from "@/lib/domain/credential/openfn/document";
import { moment, type named } from "@/lib/domain/fields";
import type { Numbered } from "@/lib/domain/numbered/page";
import type { ProjectRow } from "@/lib/domain/project/openfn/numbered";
import type { LogLineRow } from "@/lib/domain/run/log-lines";
import { openfnRunState } from "@/lib/domain/run/numbered";
import type { RunRow } from "@/lib/domain/run/types";
import type { WorkOrderRow } from "@/lib/domain/work-order/list";
import { openfnWorkflow } from "@/lib/domain/workflow/openfn/document";
import { logLevels, logSources, roles, runStates } from "@/lib/words";
import { listAnswer, oneAnswer, oneResource, resource, resourceList, resourceOf } from "./json-api";

/** Runs, work orders, jobs and lines of logs as OpenFn's API shows them: the schemas, and what they are made of. */
const job = resourceOf("jobs", z.strictObject({ name: z.string() }));
export const jobList = resourceList(job).meta({ id: "OpenfnJobs" });
export const oneJob = oneResource(job).meta({ id: "OpenfnJob" });
type NamedJob = z.infer<typeof named>;

const jobResource = (request: Request, { id, name }: NamedJob) =>
  resource(request, `/api/jobs/${id}`, { type: "jobs" as const, id, attributes: { name } });
export const jobsAnswer = (request: Request, page: Numbered<NamedJob>) =>
  listAnswer(
    request,
    page,
    page.items.map((one) => jobResource(request, one)),
  );
export const jobAnswer = (request: Request, one: NamedJob) => oneAnswer(request, jobResource(request, one));

const run = resourceOf(
  "runs",
  z.strictObject({
    state: z.string().meta({ description: "OpenFn's words: `available` and `started` before the end." }),
    error_type: z.string().nullable(),
    inserted_at: moment,
    claimed_at: moment.nullable(),
    started_at: moment.nullable(),
    finished_at: moment.nullable(),
    updated_at: moment,
    work_order_id: z.uuid(),
    workflow_id: z.uuid(),
  }),
);
export const runList = resourceList(run).meta({ id: "OpenfnRuns" });
export const oneRun = oneResource(run).meta({ id: "OpenfnRun" });

function runResource(request: Request, row: RunRow) {
  const { id, state, errorType, createdAt, startedAt, finishedAt, workOrderId, workflowId } = row;
  const attributes = {
    state: openfnRunState(state),
    error_type: errorType,
    inserted_at: createdAt,
    claimed_at: startedAt,
    started_at: startedAt,
    finished_at: finishedAt,
    updated_at: finishedAt ?? startedAt ?? createdAt,
    work_order_id: workOrderId,
    workflow_id: workflowId,
  };
  return resource(request, `/api/runs/${id}`, { type: "runs" as const, id, attributes });
}
export const runsAnswer = (request: Request, page: Numbered<RunRow>) =>
  listAnswer(
    request,
    page,
    page.items.map((one) => runResource(request, one)),
  );
export const runAnswer = (request: Request, one: RunRow) => oneAnswer(request, runResource(request, one));

const workOrder = resourceOf(
  "work_orders",
  z.strictObject({
    state: z.enum(runStates),
    last_activity: moment,
    inserted_at: moment,
    updated_at: moment,
  }),
);
export const workOrderList = resourceList(workOrder).meta({ id: "OpenfnWorkOrders" });
export const oneWorkOrder = oneResource(workOrder).meta({ id: "OpenfnWorkOrder" });

function orderResource(request: Request, { id, state, lastActivity, createdAt }: WorkOrderRow) {
  const attributes = {
    state,
    last_activity: lastActivity,
    inserted_at: createdAt,
    updated_at: lastActivity,
  };
  return resource(request, `/api/work_orders/${id}`, { type: "work_orders" as const, id, attributes });
}
export const workOrdersAnswer = (request: Request, page: Numbered<WorkOrderRow>) =>
  listAnswer(
    request,
    page,
    page.items.map((one) => orderResource(request, one)),
  );
export const workOrderAnswer = (request: Request, one: WorkOrderRow) =>
  oneAnswer(request, orderResource(request, one));

export const logLineList = resourceList(
  z.strictObject({
    type: z.literal("log_lines"),
    id: z.string(),
    attributes: z.strictObject({
      source: z.enum(logSources),
      level: z.enum(logLevels),
      message: z.string(),
      timestamp: moment,
      step_id: z.uuid(),
      run_id: z.uuid(),
    }),
  }),
).meta({ id: "OpenfnLogLines" });

export const logLinesAnswer = (request: Request, page: Numbered<LogLineRow>) =>
  listAnswer(
    request,
    page,
    page.items.map(({ id, source, level, message, at, stepId, runId }) => ({
      type: "log_lines" as const,
      id,
      attributes: { source, level, message, timestamp: at, step_id: stepId, run_id: runId },
    })),
  );

/** Beside what OpenFn's API answers where all is well. */
export const noErrors = z.strictObject({});

/** One workflow, as OpenFn's workflow API answers it. */
export const workflowAnswer = z.strictObject({ workflow: openfnWorkflow, errors: noErrors });
export const workflowsAnswer = z.strictObject({ workflows: z.array(openfnWorkflow), errors: noErrors });

/** Credentials, as OpenFn's API answers them. */
export const credentialAnswer = z.strictObject({ credential: openfnCredential, errors: noErrors });
export const credentialsAnswer = z.strictObject({ credentials: z.array(openfnCredential), errors: noErrors });

const attributes = z.strictObject({ name: z.string(), description: z.string().nullable() });
const members = z.array(z.strictObject({ email: z.string(), role: z.enum(roles) }));
const project = resourceOf("projects", attributes);
export const projectList = resourceList(project).meta({ id: "OpenfnProjects" });
export const oneProject = oneResource(resourceOf("projects", attributes.extend({ members }))).meta({
  id: "OpenfnProject",
});

export const projectsAnswer = (request: Request, page: Numbered<ProjectRow>) =>
  listAnswer(
    request,
    page,
    page.items.map(({ id, name, description }) =>
      resource(request, `/api/projects/${id}`, {
        type: "projects" as const,
        id,
        attributes: { name, description },
      }),
    ),
  );

type Member = z.infer<typeof members>[number];

export const projectAnswer = (
  request: Request,
  { id, name, description }: ProjectRow,
  people: readonly Member[],
) =>
  oneAnswer(
    request,
    resource(request, `/api/projects/${id}`, {
      type: "projects" as const,
      id,
      attributes: { name, description, members: people.map(({ email, role }) => ({ email, role })) },
    }),
  );
