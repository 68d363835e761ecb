import { randomUUID } from "node:crypto";
import { listCredentialSchemas } from "@/lib/domain/adaptor/credential-schemas";
import { getAdaptor } from "@/lib/domain/adaptor/get";
import { listAdaptors } from "@/lib/domain/adaptor/list";
import { listAdaptorVersions } from "@/lib/domain/adaptor/versions";
import { listAuthMethods } from "@/lib/domain/auth-method/list";
import { type Doing, findCandidates } from "@/lib/domain/bulk/candidates";
import { getBulkAct, listBulkActs, listBulkRefusals } from "@/lib/domain/bulk/get";
import { nextItems } from "@/lib/domain/bulk/items";
import { planCandidates, readyOnes } from "@/lib/domain/bulk/plan";
import { getCollection, listItems } from "@/lib/domain/collection/browse";
import { listCollections } from "@/lib/domain/collection/list";
import { getCollectionItem, type ItemFilter, listCollectionItems } from "@/lib/domain/collection/list-items";
import type { Context, UserContext } from "@/lib/domain/context";
import { getCredentialEnvironment } from "@/lib/domain/credential/environment/get";
import { getCredential } from "@/lib/domain/credential/get";
import { listCredentials, listProjectCredentials } from "@/lib/domain/credential/list";
import {
  getOpenfnCredential,
  listOpenfnCredentials,
  listOpenfnProjectCredentials,
} from "@/lib/domain/credential/openfn/document";
import { listTransfers } from "@/lib/domain/credential-transfer/list";
import { getDataclipBody } from "@/lib/domain/dataclip/body";
import { listSavedInputs } from "@/lib/domain/dataclip/list";
import { listRecentInputs } from "@/lib/domain/dataclip/recent";
import { getDraftDifference } from "@/lib/domain/draft/difference";
import { getDraft, getDraftHead } from "@/lib/domain/draft/get";
import { getDrift } from "@/lib/domain/drift/get";
import { firstIdAt } from "@/lib/domain/id-range";
import { listInvitations, listMyInvitations } from "@/lib/domain/invitation/list";
import { getIssue, listIssueOrders } from "@/lib/domain/issue/get";
import { countOpenIssues, listIssues } from "@/lib/domain/issue/list";
import { listKeychains } from "@/lib/domain/keychain/list";
import { getLibraryJob } from "@/lib/domain/library/get";
import { listLibrary } from "@/lib/domain/library/list";
import { getLibraryDifference, getLibraryVersion, listLibraryVersions } from "@/lib/domain/library/versions";
import { getProtection } from "@/lib/domain/mask/set";
import { listMembers } from "@/lib/domain/member/list";
import { getMessageBody } from "@/lib/domain/message/body";
import type { MessageFilter } from "@/lib/domain/message/filter";
import { previewFilter } from "@/lib/domain/message/filter-preview";
import { getMessage } from "@/lib/domain/message/get";
import { listHistory } from "@/lib/domain/message/history";
import { listJobStates } from "@/lib/domain/message/job-states";
import { listMessages } from "@/lib/domain/message/list";
import { getMessageMatching } from "@/lib/domain/message/matching";
import { listChannels } from "@/lib/domain/notice/channel/list";
import { listNotices } from "@/lib/domain/notice/list";
import { getMyRule, listChannelRules, listMemberRules, listMyRules } from "@/lib/domain/notice/rules/list";
import { getNoticeSettings } from "@/lib/domain/notice/rules/settings";
import { listOauthClients, listProjectOauthClients } from "@/lib/domain/oauth-client/list";
import { getCertificate, listCertificates } from "@/lib/domain/person/certificates";
import { Finder } from "@/lib/domain/person/finder";
import { getPerson, listPersonItems, listPersons } from "@/lib/domain/person/get";
import { places } from "@/lib/domain/person/places";
import { getProject } from "@/lib/domain/project/get";
import { getProjectHoldings } from "@/lib/domain/project/holdings";
import { listProjects } from "@/lib/domain/project/list";
import { listNumberedProjects } from "@/lib/domain/project/openfn/numbered";
import { listProjectTokens } from "@/lib/domain/project-token/list";
import { getDocument, getSpec, getSpecYaml } from "@/lib/domain/provision/get";
import { getRefused } from "@/lib/domain/refused/get";
import { listRefused } from "@/lib/domain/refused/list";
import { getRetention } from "@/lib/domain/retention/settings";
import { getRun } from "@/lib/domain/run/get";
import { listRuns } from "@/lib/domain/run/list";
import { listLogLines } from "@/lib/domain/run/log-lines";
import { listLogs } from "@/lib/domain/run/logs";
import { getListedRun, listNumberedRuns } from "@/lib/domain/run/numbered";
import { getMessageBytes, getMessageState, getStepInput, getStepOutput } from "@/lib/domain/run/payloads";
import { getMessageRerun, getRunRerun } from "@/lib/domain/run/rerun-preview";
import { getSecondFactor } from "@/lib/domain/second-factor/get";
import { listSessions } from "@/lib/domain/session/list";
import { getTest } from "@/lib/domain/test-run/get";
import { listTests } from "@/lib/domain/test-run/list";
import { listTestsOfMessage } from "@/lib/domain/test-run/of-message";
import { listReplayMessages } from "@/lib/domain/test-run/replay-messages";
import { getDraftTest } from "@/lib/domain/test-run/settings";
import { listTokens } from "@/lib/domain/token/list";
import { getUsage } from "@/lib/domain/usage/get";
import { listUsageMonths } from "@/lib/domain/usage/months";
import { getStorage } from "@/lib/domain/usage/storage";
import { getUser } from "@/lib/domain/user/get";
import { getUserHoldings } from "@/lib/domain/user/holdings";
import { getWorkOrder, listWorkOrders } from "@/lib/domain/work-order/list";
import { getWorkflowCounts } from "@/lib/domain/workflow/counts";
import { getWorkflowHead, listDeletedWorkflows } from "@/lib/domain/workflow/deleted";
import { getWorkflowDifference } from "@/lib/domain/workflow/difference";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { listJobs } from "@/lib/domain/workflow/jobs";
import { listWorkflows } from "@/lib/domain/workflow/list";
import { getNamedJob, listNumberedJobs } from "@/lib/domain/workflow/numbered-jobs";
import { getOpenfnWorkflow, listOpenfnWorkflows } from "@/lib/domain/workflow/openfn/document";
import { getRestoration } from "@/lib/domain/workflow/restore";
import { getTriggerUse } from "@/lib/domain/workflow/trigger-use";
import { listWorkflowVersions } from "@/lib/domain/workflow/versions";
import { messageFilterStates, runFilterStates, runSets } from "@/lib/words";
import { type Tenant, tenants } from "./fill";

const other = { id: tenants.other.project, name: "other" };

/** Where a person is who looks: a project, and places in the middle of its history. */
export type Scene = {
  ctx: Context;
  user: UserContext;
  tenant: Tenant;
  message: string;
  run: string;
  order: string;
  refused: string;
  /** With a long log. */
  step: string;
  credential: string;
  /** A stored state. */
  clip: string;
  /** Of the library. */
  entry: string;
  /** A day in the middle of the history. */
  from: string;
  to: string;
};

export type Case = [name: string, call: () => Promise<unknown>];

const none = { runner: null };

type ListInput = MessageFilter & { cursor?: string; limit?: number };

function messageCases({ ctx, tenant: { jobs }, message, from, to }: Scene): Case[] {
  const [first, rare, idle] = jobs;
  const filters: [string, ListInput][] = [
    ["plain", {}],
    ["100 rows", { limit: 100 }],
    ["cursor", { cursor: message }],
    ["from–to", { from, to }],
    ...messageFilterStates.flatMap((state): [string, ListInput][] => [
      [`${state}`, { state }],
      [`${state}, cursor`, { state, cursor: message }],
      [`${state}, from–to`, { state, from, to }],
    ]),
    ["a job", { job: first }],
    ["a job, cursor", { job: first, cursor: message }],
    ["a rare job", { job: rare }],
    ["an idle job", { job: idle }],
    ["a job, from–to", { job: first, from, to }],
    ...(["success", "failure", "in_progress", "handled", "unhandled", "unsuccessful"] as const).flatMap(
      (state): [string, ListInput][] => [
        [`a job, ${state}`, { job: first, state }],
        [`a job, ${state}, cursor`, { job: first, state, cursor: message }],
        [`an idle job, ${state}`, { job: idle, state }],
      ],
    ),
    ["text", { text: "Amina" }],
    ["text that is nowhere", { text: "nowhere" }],
    ["text, a job, cursor", { text: "Amina", job: first, cursor: message }],
    ["text, waiting", { text: "Amina", state: "waiting" }],
  ];
  return filters.map(([name, filter]) => [name, () => listMessages(ctx, filter)]);
}

function receiptCases({ ctx, tenant: { jobs }, message }: Scene): Case[] {
  const filters: [string, MessageFilter][] = [
    ["plain", {}],
    ...messageFilterStates.map((state): [string, MessageFilter] => [`among ${state}`, { state }]),
    ["among a job's", { job: jobs[0] }],
    ["among an idle job's", { job: jobs[2] }],
    ["among a job's failures", { job: jobs[0], state: "failure" }],
  ];
  return filters.map(([name, filter]) => [name, () => getMessage(ctx, message, filter)]);
}

function runCases({ ctx, tenant: { workflows }, run, from, to }: Scene): Case[] {
  return [
    ["plain", () => listRuns(ctx, {})],
    ["100 rows", () => listRuns(ctx, { limit: 100 })],
    ["cursor", () => listRuns(ctx, { cursor: run })],
    ["from–to", () => listRuns(ctx, { from, to })],
    ["a workflow", () => listRuns(ctx, { workflow: workflows[0] })],
    ["text", () => listRuns(ctx, { text: "Amina" })],
    ["text that is nowhere, a workflow", () => listRuns(ctx, { text: "nowhere", workflow: workflows[0] })],
    ["an idle workflow", () => listRuns(ctx, { workflow: workflows[1] })],
    ["an idle workflow, cursor", () => listRuns(ctx, { workflow: workflows[1], cursor: run })],
    ["a workflow, failed", () => listRuns(ctx, { workflow: workflows[0], state: "failed" })],
    ["an idle workflow, failed", () => listRuns(ctx, { workflow: workflows[1], state: "failed" })],
    ...runFilterStates.map((state): Case => [state, () => listRuns(ctx, { state })]),
    ...runSets.flatMap((state): Case[] => [
      [`${state}, cursor`, () => listRuns(ctx, { state, cursor: run })],
      [`${state}, from–to`, () => listRuns(ctx, { state, from, to })],
      [`a workflow, ${state}`, () => listRuns(ctx, { workflow: workflows[0], state })],
      [`an idle workflow, ${state}`, () => listRuns(ctx, { workflow: workflows[1], state })],
    ]),
  ];
}

function logCases({ ctx, step }: Scene): Case[] {
  return [
    ["start", () => listLogs(ctx, step, {})],
    ["deep inside", () => listLogs(ctx, step, { after: 4_000, limit: 200 })],
    ["level", () => listLogs(ctx, step, { level: "error" })],
    ["text", () => listLogs(ctx, step, { text: "line 77" })],
  ];
}

const only = (call: () => Promise<unknown>): Case[] => [["", call]];

/** Every verb of `lib/domain` that reads for a person, by name. The guard refuses one that is not here. */
export const reads: Record<string, (scene: Scene) => Case[]> = {
  listMessages: messageCases,
  getMessage: receiptCases,
  listHistory: ({ ctx, message }) => [["plain", () => listHistory(ctx, message)]],
  listJobStates: ({ ctx, message }) => [["plain", () => listJobStates(ctx, message)]],
  getMessageMatching: ({ ctx, message }) => only(() => getMessageMatching(ctx, message)),
  previewFilter: ({ ctx }) => [
    ["what many have", () => previewFilter(ctx, { inclusion: { form: "visit" } })],
    [
      "what nobody has",
      () => previewFilter(ctx, { inclusion: { form: "nowhere" }, exclusion: { test: true } }),
    ],
  ],
  getMessageBody: ({ ctx, message }) => only(() => getMessageBody(ctx, message)),
  listRefused: ({ ctx, refused }) => [
    ["plain", () => listRefused(ctx)],
    ["cursor", () => listRefused(ctx, { cursor: refused })],
    ["a rare cause", () => listRefused(ctx, { cause: "disabled" })],
  ],
  getRefused: ({ ctx, refused }) => only(() => getRefused(ctx, { id: refused })),
  listRuns: runCases,
  listNumberedRuns: ({ ctx, run, from, to, tenant: { workflows } }) => [
    ["plain", () => listNumberedRuns([ctx], {})],
    ["a later page", () => listNumberedRuns([ctx], { page: 5, page_size: 100 })],
    ["from–to", () => listNumberedRuns([ctx], { inserted_after: from, inserted_before: to })],
    ["a deep page", () => listNumberedRuns([ctx], { page: 90, page_size: 100 })],
    ["changed", () => listNumberedRuns([ctx], { updated_after: from, updated_before: to })],
    ["a state", () => listNumberedRuns([ctx], { state: "failed" })],
    ["two states", () => listNumberedRuns([ctx], { state: "failed,started" })],
    ["two projects", () => listNumberedRuns([ctx, { ...ctx, project: other }], { page: 3 })],
    [
      "changed lately in two",
      () => listNumberedRuns([ctx, { ...ctx, project: other }], { updated_after: from }),
    ],
    ["changed lately", () => listNumberedRuns([ctx], { updated_after: to })],
    ["a workflow's state", () => listNumberedRuns([ctx], { workflow_id: workflows[0], state: "failed" })],
    ["nobody's workflow", () => listNumberedRuns([ctx], { workflow_id: tenants.other.workflows[0] })],
    ["a workflow", () => listNumberedRuns([ctx], { workflow_id: workflows[0] })],
    ["by id", () => listNumberedRuns([ctx], { id: run })],
    ["of a work order", () => listNumberedRuns([ctx], { work_order_id: run })],
  ],
  getListedRun: ({ ctx, run }) => only(() => getListedRun([ctx], run)),
  listLogLines: ({ ctx, run, from, to, tenant: { jobs, workflows } }) => [
    ["plain", () => listLogLines([ctx], {})],
    ["from–to", () => listLogLines([ctx], { timestamp_after: from, timestamp_before: to })],
    ["a level", () => listLogLines([ctx], { level: "error" })],
    ["a run", () => listLogLines([ctx], { run_id: run })],
    ["a job", () => listLogLines([ctx], { job_id: jobs[0] })],
    ["a workflow", () => listLogLines([ctx], { workflow_id: workflows[0] })],
  ],
  listWorkOrders: ({ ctx, run, from, to, tenant: { workflows } }) => [
    ["plain", () => listWorkOrders([ctx], {})],
    ["from–to", () => listWorkOrders([ctx], { inserted_after: from, inserted_before: to })],
    ["changed", () => listWorkOrders([ctx], { updated_after: from, updated_before: to })],
    ["a deep page", () => listWorkOrders([ctx], { page: 90, page_size: 100 })],
    ["changed lately", () => listWorkOrders([ctx], { updated_after: to })],
    ["a workflow's state", () => listWorkOrders([ctx], { workflow_id: workflows[0], state: "failed" })],
    ["a state", () => listWorkOrders([ctx], { state: "failed" })],
    ["a workflow", () => listWorkOrders([ctx], { workflow_id: workflows[0] })],
    ["by id", () => listWorkOrders([ctx], { id: run })],
  ],
  getWorkOrder: ({ ctx, order }) => only(() => getWorkOrder([ctx], order)),
  listNumberedJobs: ({ ctx }) => only(() => listNumberedJobs([ctx], {})),
  getNamedJob: ({ ctx, tenant: { jobs } }) => only(() => getNamedJob([ctx], jobs[0] ?? "")),
  listNumberedProjects: ({ ctx }) => only(() => listNumberedProjects([ctx], {})),
  listOpenfnWorkflows: ({ ctx }) => only(() => listOpenfnWorkflows([ctx])),
  getOpenfnWorkflow: ({ ctx, tenant }) => only(() => getOpenfnWorkflow([ctx], tenant.workflows[0] ?? "")),
  listOpenfnCredentials: ({ ctx, user }) => only(() => listOpenfnCredentials(user, [ctx])),
  listOpenfnProjectCredentials: ({ ctx }) => only(() => listOpenfnProjectCredentials(ctx)),
  getOpenfnCredential: ({ ctx, user, credential }) =>
    only(() => getOpenfnCredential(user, { id: credential, seen: [ctx] })),
  getRun: ({ ctx, run }) => only(() => getRun(ctx, run)),
  getMessageRerun: ({ ctx, message, tenant: { jobs } }) => [
    ["all", () => getMessageRerun(ctx, { messageId: message })],
    ["a job", () => getMessageRerun(ctx, { messageId: message, jobId: jobs[0] })],
  ],
  getRunRerun: ({ ctx, run }) => only(() => getRunRerun(ctx, { runId: run })),
  listLogs: logCases,
  getDataclipBody: ({ ctx, clip }) => only(() => getDataclipBody(ctx, clip)),
  listSavedInputs: ({ ctx, clip }) => [
    ["plain", () => listSavedInputs(ctx)],
    ["text", () => listSavedInputs(ctx, { text: "visit" })],
    ["cursor", () => listSavedInputs(ctx, { cursor: clip })],
  ],
  listRecentInputs: ({ ctx, tenant: { jobs, workflows } }) => [
    ["a job", () => listRecentInputs(ctx, { jobId: jobs[0] })],
    ["a job that follows", () => listRecentInputs(ctx, { jobId: jobs[1] })],
    ["an idle job", () => listRecentInputs(ctx, { jobId: jobs[2] })],
    ["a workflow", () => listRecentInputs(ctx, { workflowId: workflows[0] })],
    ["an idle workflow", () => listRecentInputs(ctx, { workflowId: workflows[1] })],
  ],
  getStepInput: ({ ctx, step }) => only(() => getStepInput(ctx, step)),
  getStepOutput: ({ ctx, step }) => only(() => getStepOutput(ctx, step)),
  getMessageBytes: ({ ctx, message }) => only(() => getMessageBytes(ctx, message)),
  getMessageState: ({ ctx, message }) => only(() => getMessageState(ctx, message)),
  listWorkflows: ({ ctx }) => [
    ["plain", () => listWorkflows(ctx)],
    ["text", () => listWorkflows(ctx, { text: "year" })],
    ["in use", () => listWorkflows(ctx, { archived: "false" })],
    ["archived", () => listWorkflows(ctx, { archived: "true" })],
  ],
  listJobs: ({ ctx, tenant }) => [
    ["plain", () => listJobs(ctx)],
    ["text", () => listJobs(ctx, { text: "job" })],
    ["one", () => listJobs(ctx, { id: tenant.jobs[0] })],
    ["cursor", () => listJobs(ctx, { cursor: tenant.jobs[0] })],
  ],
  listLibrary: ({ ctx, entry }) => [
    ["plain", () => listLibrary(ctx)],
    ["text", () => listLibrary(ctx, { text: "entry" })],
    ["cursor", () => listLibrary(ctx, { cursor: entry })],
  ],
  getLibraryJob: ({ ctx, entry }) => only(() => getLibraryJob(ctx, entry)),
  getLibraryVersion: ({ ctx, entry }) => only(() => getLibraryVersion(ctx, { id: entry, version: 1 })),
  getLibraryDifference: ({ ctx, entry }) => only(() => getLibraryDifference(ctx, { id: entry })),
  listLibraryVersions: ({ ctx, entry }) => [
    ["plain", () => listLibraryVersions(ctx, { id: entry })],
    ["cursor", () => listLibraryVersions(ctx, { id: entry, cursor: 5 })],
  ],
  getTriggerUse: ({ ctx }) => only(() => getTriggerUse(ctx)),
  getWorkflow: ({ ctx, tenant }) => only(() => getWorkflow(ctx, { id: tenant.workflows[0] })),
  getWorkflowCounts: ({ ctx, tenant }) =>
    only(() => getWorkflowCounts(ctx, { id: tenant.workflows[0], hours: 168 })),
  getWorkflowDifference: ({ ctx, tenant }) =>
    only(() => getWorkflowDifference(ctx, { id: tenant.workflows[0], from: 1, to: 1 })),
  listWorkflowVersions: ({ ctx, tenant }) => [
    ["plain", () => listWorkflowVersions(ctx, { id: tenant.workflows[0] })],
    ["cursor", () => listWorkflowVersions(ctx, { id: tenant.workflows[0], cursor: 5 })],
  ],
  listDeletedWorkflows: ({ ctx, tenant }) => [
    ["plain", () => listDeletedWorkflows(ctx)],
    ["cursor", () => listDeletedWorkflows(ctx, { cursor: tenant.workflows[0] })],
  ],
  getWorkflowHead: ({ ctx, tenant }) => only(() => getWorkflowHead(ctx, { id: tenant.workflows[0] })),
  getDocument: ({ ctx }) => [
    ["of now", () => getDocument(ctx)],
    ["with extensions", () => getDocument(ctx, { extensions: true })],
    ["of versions", () => getDocument(ctx, { snapshots: [randomUUID()] })],
  ],
  getSpecYaml: ({ ctx }) => only(() => getSpecYaml(ctx)),
  getSpec: ({ ctx }) => only(() => getSpec(ctx)),
  getDraft: ({ ctx, tenant }) => only(() => getDraft(ctx, { workflowId: tenant.workflows[0] })),
  getDraftHead: ({ ctx, tenant }) => only(() => getDraftHead(ctx, { workflowId: tenant.workflows[0] })),
  getDraftDifference: ({ ctx, tenant }) =>
    only(() => getDraftDifference(ctx, { workflowId: tenant.workflows[0] })),
  getDraftTest: ({ ctx, tenant }) => only(() => getDraftTest(ctx, { workflowId: tenant.workflows[0] })),
  listTests: ({ ctx, tenant }) => {
    const workflowId = tenant.workflows[0];
    return [
      ["plain", () => listTests(ctx, { workflowId })],
      ["cursor", () => listTests(ctx, { workflowId, cursor: firstIdAt(new Date()) })],
    ];
  },
  listReplayMessages: ({ ctx, tenant }) =>
    only(() => listReplayMessages(ctx, { workflowId: tenant.workflows[0], limit: 200 })),
  listTestsOfMessage: ({ ctx, message }) => only(() => listTestsOfMessage(ctx, { messageId: message })),
  getTest: ({ ctx, tenant }) =>
    only(async () => {
      const workflowId = tenant.workflows[0];
      const { items } = await listTests(ctx, { workflowId, limit: 1 });
      return getTest(ctx, { workflowId, testId: items[0]?.id ?? "" });
    }),
  getDrift: ({ ctx }) => only(() => getDrift(ctx)),
  getRestoration: ({ ctx, tenant }) =>
    only(() => getRestoration(ctx, { id: tenant.workflows[0], version: 1 })),
  listProjects: ({ user }) => [
    ["plain", () => listProjects(user)],
    ["search", () => listProjects(user, { search: "plan" })],
  ],
  getProject: ({ ctx }) => only(() => getProject(ctx)),
  getProtection: ({ ctx, message, run, step }) => {
    const viewer = { ...ctx, role: "viewer" as const };
    return [
      ["of the project", () => getProtection(ctx)],
      ["a page of messages behind it", () => listMessages(viewer, {})],
      ["a page of runs behind it", () => listRuns(viewer, {})],
      ["a receipt behind it", () => getMessage(viewer, message)],
      ["a run behind it", () => getRun(viewer, run)],
      ["a state behind it", () => getStepInput(viewer, step)],
    ];
  },
  getProjectHoldings: ({ ctx }) => only(() => getProjectHoldings(ctx)),
  getRetention: ({ ctx }) => only(() => getRetention(ctx)),
  getUsage: ({ ctx, from }) => [
    ["this month", () => getUsage(ctx)],
    ["a former month", () => getUsage(ctx, { month: from.slice(0, 7) })],
  ],
  getStorage: ({ ctx }) => only(() => getStorage(ctx)),
  listUsageMonths: ({ ctx }) => only(() => listUsageMonths(ctx)),
  listMembers: ({ ctx }) => only(() => listMembers(ctx)),
  getMyRule: ({ ctx }) => only(() => getMyRule(ctx)),
  listMyRules: ({ user, tenant }) => [
    ["plain", () => listMyRules(user)],
    ["cursor", () => listMyRules(user, { cursor: tenant.project })],
  ],
  listMemberRules: ({ ctx }) => only(() => listMemberRules(ctx)),
  listChannelRules: ({ ctx }) => only(() => listChannelRules(ctx)),
  getNoticeSettings: ({ user }) => only(() => getNoticeSettings(user)),
  listChannels: ({ ctx }) => only(() => listChannels(ctx)),
  listNotices: ({ ctx, from }) => [
    ["plain", () => listNotices(ctx)],
    ["cursor", () => listNotices(ctx, { cursor: firstIdAt(from) })],
    ["what could not be sent", () => listNotices(ctx, { state: "unsent" })],
    ["one's own", () => listNotices({ ...ctx, role: "viewer" })],
  ],
  listIssues: ({ ctx, tenant, message }) => [
    ["plain", () => listIssues(ctx)],
    ["cursor", () => listIssues(ctx, { cursor: message })],
    ["a state", () => listIssues(ctx, { state: "open" })],
    ["a workflow", () => listIssues(ctx, { workflow: tenant.workflows[0] })],
    ["a workflow, a state", () => listIssues(ctx, { workflow: tenant.workflows[0], state: "resolved" })],
    ["an idle workflow", () => listIssues(ctx, { workflow: tenant.workflows[1] })],
    ["how many are open", () => countOpenIssues(ctx)],
  ],
  getIssue: ({ ctx, tenant }) => only(() => getIssue(ctx, tenant.project)),
  listIssueOrders: ({ ctx, tenant, message }) => [
    ["plain", () => listIssueOrders(ctx, { id: tenant.project })],
    ["cursor", () => listIssueOrders(ctx, { id: tenant.project, cursor: message })],
    ["all", () => listIssueOrders(ctx, { id: tenant.project, all: "true", cursor: message })],
  ],
  listBulkActs: ({ ctx, message }) => [
    ["plain", () => listBulkActs(ctx)],
    ["cursor", () => listBulkActs(ctx, { cursor: message })],
  ],
  getBulkAct: ({ ctx, tenant }) => only(() => getBulkAct(ctx, tenant.project)),
  listBulkRefusals: ({ ctx, tenant, message }) => [
    ["plain", () => listBulkRefusals(ctx, { id: tenant.project })],
    ["cursor", () => listBulkRefusals(ctx, { id: tenant.project, cursor: message })],
  ],
  listPersons: ({ ctx, message }) => [
    ["plain", () => listPersons(ctx)],
    ["cursor", () => listPersons(ctx, { cursor: message })],
  ],
  getPerson: ({ ctx, tenant }) => only(() => getPerson(ctx, tenant.project)),
  listPersonItems: ({ ctx, tenant }) => [
    ["plain", () => listPersonItems(ctx, { id: tenant.project, kind: "run" })],
    ["cursor", () => listPersonItems(ctx, { id: tenant.project, kind: "run", cursor: 2_500 })],
  ],
  listCertificates: ({ ctx, message }) => [
    ["plain", () => listCertificates(ctx)],
    ["cursor", () => listCertificates(ctx, { cursor: message })],
  ],
  getCertificate: ({ ctx, tenant }) =>
    only(() => getCertificate(ctx, { id: tenant.project }).catch(() => undefined)),
  listInvitations: ({ ctx }) => only(() => listInvitations(ctx)),
  listMyInvitations: ({ user }) => only(() => listMyInvitations(user)),
  listAuthMethods: ({ ctx }) => only(() => listAuthMethods(ctx)),
  listCredentials: ({ user }) => only(() => listCredentials(user)),
  listProjectCredentials: ({ ctx }) => only(() => listProjectCredentials(ctx)),
  getCredential: ({ user, credential }) => only(() => getCredential(user, { credentialId: credential })),
  getCredentialEnvironment: ({ user, credential }) =>
    only(() => getCredentialEnvironment(user, { credentialId: credential, env: "staging" })),
  listCollections: ({ ctx }) => only(() => listCollections(ctx)),
  getCollectionItem: ({ ctx, tenant: { project } }) =>
    only(() => getCollectionItem(ctx.db, { projectId: project, contentsId: project }, "visit:77")),
  listCollectionItems: itemCases,
  getCollection: ({ ctx, tenant: { project } }) => only(() => getCollection(ctx, { id: project })),
  listItems: ({ ctx, tenant: { project } }) => [
    ["plain", () => listItems(ctx, { id: project })],
    ["a key", () => listItems(ctx, { id: project, key: "visit:77" })],
  ],
  listKeychains: ({ ctx }) => only(() => listKeychains(ctx)),
  listOauthClients: ({ user }) => only(() => listOauthClients(user)),
  listProjectOauthClients: ({ ctx }) => only(() => listProjectOauthClients(ctx)),
  listTransfers: ({ user }) => only(() => listTransfers(user)),
  listProjectTokens: ({ ctx }) => only(() => listProjectTokens(ctx)),
  listTokens: ({ user }) => only(() => listTokens(user)),
  listSessions: ({ user }) => only(() => listSessions(user, { maxAgeDays: 30 })),
  getSecondFactor: ({ user }) => only(() => getSecondFactor(user)),
  getUserHoldings: ({ user }) => only(() => getUserHoldings(user)),
  getUser: ({ user }) => only(() => getUser(user)),
  listAdaptors: ({ ctx }) => only(() => listAdaptors(ctx, {}, none)),
  listAdaptorVersions: ({ ctx }) =>
    only(() => listAdaptorVersions(ctx, { name: "@openfn/language-common" }, none)),
  getAdaptor: ({ ctx }) => only(() => getAdaptor(ctx, { name: "@openfn/language-common" }, none)),
  listCredentialSchemas: ({ user }) => only(() => listCredentialSchemas(user, none)),
};

/** A page of a collection, of which the busy project's holds 40,000. */
function itemCases({ ctx, tenant: { project } }: Scene): Case[] {
  const list =
    (filter: ItemFilter, after: string | null = null) =>
    () =>
      listCollectionItems(ctx.db, { projectId: project, contentsId: project, filter, most: 50 }, after);
  return [
    ["plain", list({})],
    ["a cursor", list({}, firstIdAt(new Date(Date.now() - 1000)))],
    ["a key", list({ key: "visit:77" })],
    ["keys that begin alike, few", list({ key: "visit:4999*" })],
    ["keys that begin alike, all", list({ key: "visit:*" })],
    ["keys that begin alike, a cursor", list({ key: "visit:*" }, firstIdAt(new Date(Date.now() - 1000)))],
    ["keys with * within", list({ key: "visit:4*9" })],
  ];
}

const last = "ffffffff-ffff-7fff-bfff-ffffffffffff";

/** What a bulk act reads for a batch: which items are next, and what is to be done with each. */
export function bulkCases({
  ctx,
  tenant: { project, jobs, workflows },
  message,
  run,
  from,
  to,
}: Scene): Case[] {
  const [jobId] = jobs;
  const base = {
    kind: "rerun",
    filter: null,
    jobId: null,
    workflowId: null,
    onOriginal: false,
    until: last,
    isChosen: false,
  } as const;
  const batch =
    (
      doing: Omit<Doing, keyof typeof base> & Partial<Doing>,
      filter: Record<string, string>,
      cursor: string,
    ) =>
    async () => {
      const selection = { ...base, ...doing, ids: null, filter, roundAt: new Date() };
      const { ids } = await nextItems(ctx, selection, { cursor, limit: 50 });
      const { candidates } = await findCandidates(ctx, selection, ids);
      const { planned } = await planCandidates(ctx, candidates, true);
      await readyOnes(ctx, planned);
    };
  const ofMessages = { target: "messages" } as const;
  const ofRuns = { target: "runs" } as const;
  return [
    ["messages", batch(ofMessages, { from, to }, message)],
    ...messageFilterStates.map(
      (state): Case => [`messages, ${state}`, batch({ ...ofMessages, jobId }, { state }, message)],
    ),
    ["a job's failures", batch({ ...ofMessages, jobId }, { state: "failure", job: jobId }, message)],
    ["messages as new", batch({ ...ofMessages, kind: "reprocess" }, {}, message)],
    ...runFilterStates.map((state): Case => [`runs, ${state}`, batch(ofRuns, { state }, run)]),
    ["runs from a job on", batch({ ...ofRuns, jobId }, { workflow: workflows[0], state: "failed" }, run)],
    ["rejected", batch({ target: "rejected", kind: "release" }, {}, message)],
    ["what an issue affects", batch({ target: "issue", jobId }, { issue: project }, message)],
    ["what an issue affects, from the start", batch({ target: "issue" }, { issue: project }, message)],
  ];
}

/** What a search for a person's data reads for a page of each place, with what was made from what it finds. */
export function personCases({ ctx, tenant, message }: Scene): Case[] {
  const finder = Finder.of([{ text: "Amina", isPart: false }], async (text) => `redacted:${text}`);
  return places.map(({ name, page }, place) => [
    `${place} ${name}`,
    async () =>
      page({
        db: ctx.db,
        projectId: ctx.project.id,
        requestId: tenant.project,
        finder: await finder,
        until: last,
        cursor: message,
        withMade: true,
      }),
  ]);
}
