import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { chooseAdaptor } from "@/lib/domain/adaptor/choose";
import { deleteAuthMethod } from "@/lib/domain/auth-method/delete";
import { linkAuthMethod } from "@/lib/domain/auth-method/link";
import { endOldSecret, replaceSecret } from "@/lib/domain/auth-method/replace-secret";
import { revealAuthMethod } from "@/lib/domain/auth-method/reveal";
import { abortBulk, pauseBulk, resumeBulk, undoBulk } from "@/lib/domain/bulk/change";
import { getBulkAct, listBulkRefusals } from "@/lib/domain/bulk/get";
import { previewBulk } from "@/lib/domain/bulk/preview";
import { startBulk } from "@/lib/domain/bulk/start";
import { getCollection, listItems } from "@/lib/domain/collection/browse";
import { createCollections } from "@/lib/domain/collection/create";
import { deleteCollection, deleteCollections } from "@/lib/domain/collection/delete";
import { deleteItem, deleteItems } from "@/lib/domain/collection/delete-items";
import { putItems } from "@/lib/domain/collection/put-items";
import { renameCollection } from "@/lib/domain/collection/rename";
import type { Context } from "@/lib/domain/context";
import { deleteCredential } from "@/lib/domain/credential/delete";
import { deleteCredentialEnvironment } from "@/lib/domain/credential/environment/delete";
import { getCredentialEnvironment } from "@/lib/domain/credential/environment/get";
import { setCredentialEnvironment } from "@/lib/domain/credential/environment/set";
import { getCredential } from "@/lib/domain/credential/get";
import { openCredential } from "@/lib/domain/credential/open";
import { getOpenfnCredential } from "@/lib/domain/credential/openfn/document";
import {
  createOpenfnCredential,
  deleteOpenfnCredential,
  putOpenfnCredential,
} from "@/lib/domain/credential/openfn/save";
import { shareCredential, unshareCredential } from "@/lib/domain/credential/share";
import { updateCredential } from "@/lib/domain/credential/update";
import { jobsUsing } from "@/lib/domain/credential/uses";
import { acceptTransfer, endTransfer } from "@/lib/domain/credential-transfer/answer";
import { offerCredential } from "@/lib/domain/credential-transfer/offer";
import { getDataclipBody } from "@/lib/domain/dataclip/body";
import { listSavedInputs } from "@/lib/domain/dataclip/list";
import { nameDataclip } from "@/lib/domain/dataclip/name";
import { listRecentInputs } from "@/lib/domain/dataclip/recent";
import { getDraftDifference } from "@/lib/domain/draft/difference";
import { discardDraft } from "@/lib/domain/draft/discard";
import { getDraft, getDraftHead } from "@/lib/domain/draft/get";
import { promoteDraft } from "@/lib/domain/draft/promote";
import { saveDraft } from "@/lib/domain/draft/save";
import { acceptInvitation, declineInvitation } from "@/lib/domain/invitation/answer";
import { resendInvitation } from "@/lib/domain/invitation/resend";
import { revokeInvitation } from "@/lib/domain/invitation/revoke";
import { getIssue, listIssueOrders } from "@/lib/domain/issue/get";
import { listIssues } from "@/lib/domain/issue/list";
import { issuesOfOrders } from "@/lib/domain/issue/marks";
import { rerunIssue } from "@/lib/domain/issue/rerun";
import { updateIssue } from "@/lib/domain/issue/update";
import { chooseCredential } from "@/lib/domain/keychain/choose";
import { createKeychain } from "@/lib/domain/keychain/create";
import { deleteKeychain } from "@/lib/domain/keychain/delete";
import { updateKeychain } from "@/lib/domain/keychain/update";
import { attachLibraryJob, detachLibraryJob } from "@/lib/domain/library/attach";
import { createLibraryJob } from "@/lib/domain/library/create";
import { deleteLibraryJob } from "@/lib/domain/library/delete";
import { entryOf } from "@/lib/domain/library/entry";
import { getLibraryJob } from "@/lib/domain/library/get";
import { listLibrary } from "@/lib/domain/library/list";
import { addLibraryVersion } from "@/lib/domain/library/new-version";
import { takeOverVersion } from "@/lib/domain/library/take-over";
import { updateLibraryJob } from "@/lib/domain/library/update";
import { getLibraryVersion } from "@/lib/domain/library/versions";
import { reveal } from "@/lib/domain/mask/reveal";
import { changeRole } from "@/lib/domain/member/change-role";
import { removeMember } from "@/lib/domain/member/remove";
import { transferProject } from "@/lib/domain/member/transfer";
import { getMessageBody } from "@/lib/domain/message/body";
import { originalOf } from "@/lib/domain/message/copy";
import { createMessage } from "@/lib/domain/message/create";
import { getMessage } from "@/lib/domain/message/get";
import { listHistory } from "@/lib/domain/message/history";
import { listJobStates } from "@/lib/domain/message/job-states";
import { listMessages } from "@/lib/domain/message/list";
import { getMessageMatching } from "@/lib/domain/message/matching";
import { readMessageAs } from "@/lib/domain/message/read-as";
import { resendMessage } from "@/lib/domain/message/resend";
import { changeChannel, deleteChannel, renewChannelSecret } from "@/lib/domain/notice/channel/change";
import { setChannelRule, setMyRule } from "@/lib/domain/notice/rules/set";
import { sendNoticeAgain } from "@/lib/domain/notice/send-again";
import { tryChannel } from "@/lib/domain/notice/try";
import { connectCredential } from "@/lib/domain/oauth-client/connect";
import { startConsent } from "@/lib/domain/oauth-client/consent";
import { deleteOauthClient } from "@/lib/domain/oauth-client/delete";
import { shareOauthClient, unshareOauthClient } from "@/lib/domain/oauth-client/share";
import { updateOauthClient } from "@/lib/domain/oauth-client/update";
import {
  certificateText,
  checkCertificate,
  getCertificate,
  listCertificates,
} from "@/lib/domain/person/certificates";
import { endPerson } from "@/lib/domain/person/end";
import { exportPerson } from "@/lib/domain/person/export";
import { getPerson, listPersonItems, listPersons, readPerson } from "@/lib/domain/person/get";
import { recipientsOf } from "@/lib/domain/person/recipients";
import { wipePerson } from "@/lib/domain/person/wipe";
import { createProject } from "@/lib/domain/project/create";
import { listProjectTokens } from "@/lib/domain/project-token/list";
import { revokeProjectToken } from "@/lib/domain/project-token/revoke";
import { getSpec } from "@/lib/domain/provision/get";
import { provision, provisionNew } from "@/lib/domain/provision/provision";
import { acceptRefused } from "@/lib/domain/refused/accept";
import { getRefused } from "@/lib/domain/refused/get";
import { listRefused } from "@/lib/domain/refused/list";
import { cancelRun } from "@/lib/domain/run/cancel";
import { causesOf } from "@/lib/domain/run/causes";
import { dryRunStep } from "@/lib/domain/run/dry-run";
import { exportRuns } from "@/lib/domain/run/export";
import { getRun } from "@/lib/domain/run/get";
import { listRuns } from "@/lib/domain/run/list";
import { listLogs } from "@/lib/domain/run/logs";
import { getListedRun } from "@/lib/domain/run/numbered";
import { getMessageBytes, getMessageState, getStepInput, getStepOutput } from "@/lib/domain/run/payloads";
import { releaseWorkOrder } from "@/lib/domain/run/release";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { getMessageRerun, getRunRerun } from "@/lib/domain/run/rerun-preview";
import { startRun } from "@/lib/domain/run/start";
import { countWaiting } from "@/lib/domain/run/waiting";
import { reauthenticate } from "@/lib/domain/session/reauthenticate";
import { revokeSession } from "@/lib/domain/session/revoke";
import { previewFiles } from "@/lib/domain/spec/preview";
import { cancelTest } from "@/lib/domain/test-run/cancel";
import { compareTest } from "@/lib/domain/test-run/compare-test";
import { getTest } from "@/lib/domain/test-run/get";
import { listTests } from "@/lib/domain/test-run/list";
import { listTestsOfMessage } from "@/lib/domain/test-run/of-message";
import { replayDraft } from "@/lib/domain/test-run/replay";
import { listReplayMessages } from "@/lib/domain/test-run/replay-messages";
import { getDraftTest, setDraftTest } from "@/lib/domain/test-run/settings";
import { startTest } from "@/lib/domain/test-run/start";
import { createToken } from "@/lib/domain/token/create";
import { revokeToken } from "@/lib/domain/token/revoke";
import { getWorkOrder } from "@/lib/domain/work-order/list";
import { archiveWorkflow, unarchiveWorkflow } from "@/lib/domain/workflow/archive";
import { getWorkflowCounts } from "@/lib/domain/workflow/counts";
import { deleteWorkflow } from "@/lib/domain/workflow/delete";
import { getWorkflowHead, listDeletedWorkflows } from "@/lib/domain/workflow/deleted";
import { getWorkflowDifference } from "@/lib/domain/workflow/difference";
import { duplicateWorkflow } from "@/lib/domain/workflow/duplicate";
import { enableWorkflow } from "@/lib/domain/workflow/enable";
import { followersOf } from "@/lib/domain/workflow/following";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { listJobs } from "@/lib/domain/workflow/jobs";
import { loadGraph } from "@/lib/domain/workflow/load-graph";
import { getNamedJob } from "@/lib/domain/workflow/numbered-jobs";
import { getOpenfnWorkflow } from "@/lib/domain/workflow/openfn/document";
import { updateOpenfnWorkflow } from "@/lib/domain/workflow/openfn/save";
import { pauseWorkflow, resumeWorkflow } from "@/lib/domain/workflow/pause";
import { renameWorkflow } from "@/lib/domain/workflow/rename";
import { repairJob } from "@/lib/domain/workflow/repair";
import { getRestoration, restoreVersion } from "@/lib/domain/workflow/restore";
import { runTrigger } from "@/lib/domain/workflow/run-trigger";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import type { SaveWorkflowInput } from "@/lib/domain/workflow/schemas";
import { draft } from "@/lib/domain/workflow/testing";
import { listWorkflowVersions } from "@/lib/domain/workflow/versions";
import { EgressPolicy } from "@/lib/net/egress-policy";
import type { ErrorCode } from "@/lib/refusal";
import { createWorld } from "./api/world";
import { testDatabase } from "./database";
import { contextFor, expectRefusal, userContextFor } from "./fixtures";
import { sources } from "./guards/sources";
import { type SentWorkflow, sentProject, sentWorkflow } from "./provision";
import { ScriptedRunner } from "./scripted-runner";
import { rowsOf } from "./tenant-rows";

const { db } = testDatabase();
const deps = { resolveAdaptor: async () => ({ version: "3.3.4" }) };

type Tenant = { ctx: Context; user: ReturnType<typeof userContextFor>; ids: Record<string, string> };
let mine: Tenant;
let theirs: Tenant;

async function createTenant(): Promise<Tenant> {
  const { things: ids } = await createWorld();
  const owner = { id: ids.owner ?? "", email: "owner@example.org" };
  const ctx = contextFor(owner, { id: ids.project ?? "", name: ids.projectName ?? "" });
  const [row] = await testDatabase().query<{ inboxId: string; edgeId: string; snapshotId: string }>(
    `select p.inbox_id as "inboxId", e.id as "edgeId", w.snapshot_id as "snapshotId"
     from projects p join workflows w on w.project_id = p.id join edges e on e.workflow_id = w.id where p.id = $1 limit 1`,
    [ctx.project.id],
  );
  const { inboxId = "", edgeId = "", snapshotId = "" } = row ?? {};
  return {
    ctx,
    user: userContextFor(owner),
    ids: { ...ids, inbox: inboxId, edge: edgeId, snapshot: snapshotId },
  };
}

beforeAll(async () => {
  mine = await createTenant();
  theirs = await createTenant();
});

const my = (name: string) => mine.ids[name] ?? "";
const their = (name: string) => theirs.ids[name] ?? "";

/** Saves a new workflow of two jobs with something of theirs in it. */
function saves(change: (workflow: ReturnType<typeof draft>) => Partial<SaveWorkflowInput>) {
  return () => {
    const workflow = draft();
    return saveWorkflow(mine.ctx, { ...workflow, ...change(workflow) }, deps);
  };
}

const graphOf = ({ name, triggers, edges }: ReturnType<typeof draft>, jobs: SaveWorkflowInput["jobs"]) => ({
  name,
  triggers,
  jobs,
  edges,
});

const sends = (of: (sent: SentWorkflow) => object) => () => {
  const sent = sentWorkflow();
  const { id, name } = mine.ctx.project;
  return provision(
    mine.ctx,
    { id, name, workflows: [{ ...sent, ...of(sent) }] },
    { source: "cli", extensions: true },
    deps,
  );
};

type Attempt = [verb: string, what: string, answer: ErrorCode | "nothing", call: () => Promise<unknown>];

const lowestId = "00000000-0000-0000-0000-000000000000";

/** Each verb that takes an id, called in my project with an id of theirs. */
const attempts: Attempt[] = [
  [
    "workflow/delete",
    "as the id of a workflow that I know",
    "not_found",
    () => deleteWorkflow(mine.ctx, { id: their("workflow") }),
  ],
  [
    "provision/get",
    "version",
    "nothing",
    async () => Object.keys((await getSpec(mine.ctx, { snapshots: [their("snapshot")] })).workflows),
  ],
  [
    "spec/preview",
    "workflow, to be removed",
    "nothing",
    async () =>
      (await previewFiles(mine.ctx, { yaml: "name: p\nworkflows: {}\n", remove: [their("workflow")] }, deps))
        .workflows,
  ],
  ["provision/provision", "their workflow as mine", "invalid", sends(() => ({ id: their("workflow") }))],
  ...(["jobs", "triggers", "edges"] as const).map(
    (list): Attempt => [
      "provision/provision",
      `one of their ${list} as mine`,
      "invalid",
      sends((sent) => ({
        [list]: [{ ...sent[list][0], id: their(list === "triggers" ? "webhook" : list.slice(0, -1)) }],
      })),
    ],
  ),
  [
    "provision/provision",
    "their credential",
    "invalid",
    sends(({ jobs }) => ({
      jobs: jobs.map((job) => ({ ...job, project_credential_id: their("projectCredential") })),
    })),
  ],
  [
    "provision/provision",
    "their keychain",
    "invalid",
    sends(({ jobs }) => ({
      jobs: jobs.map((job) => ({ ...job, keychain_credential_id: their("keychain") })),
    })),
  ],
  [
    "provision/provision",
    "their job as an edge's target",
    "invalid",
    sends(({ edges }) => ({ edges: edges.map((edge) => ({ ...edge, target_job_id: their("job") })) })),
  ],
  [
    "provision/provision",
    "their job as what a trigger follows",
    "invalid",
    sends(() => ({
      triggers: [{ id: randomUUID(), type: "flow", source_job_id: their("job") }],
      edges: [],
    })),
  ],
  [
    "provision/provision",
    "as a new project's id",
    "invalid",
    () => provisionNew(mine.user, { ...sentProject(), id: mine.ctx.project.id }, { source: "cli" }, deps),
  ],
  ["workflow/save", "as a new workflow's id", "conflict", saves(() => ({ id: their("workflow") }))],
  [
    "workflow/save",
    "as the id of a workflow that I know",
    "not_found",
    saves(() => ({ id: their("workflow"), lockVersion: 1 })),
  ],
  ...["inbox", "project", "webhook", "trigger", "workflow", "job", "edge"].flatMap((kind): Attempt[] =>
    (["webhook", "cron", "message_filter"] as const).map((type) => [
      "workflow/save",
      `the id of their ${kind} as the id of a ${type} trigger`,
      "conflict",
      saves(() => ({
        triggers: [{ id: their(kind), type, ...(type === "cron" ? { cronExpression: "* * * * *" } : {}) }],
        edges: [],
      })),
    ]),
  ),
  ...["job", "second", "trigger", "inbox"].map(
    (kind): Attempt => [
      "workflow/save",
      `the id of their ${kind} as a job's`,
      "conflict",
      saves(({ jobs: [first] }) => ({ jobs: first ? [{ ...first, id: their(kind) }] : [], edges: [] })),
    ],
  ),
  ...["edge", "job", "inbox"].map(
    (kind): Attempt => [
      "workflow/save",
      `the id of their ${kind} as an edge's`,
      "conflict",
      saves(({ edges: [first] }) => ({ edges: first ? [{ ...first, id: their(kind) }] : [] })),
    ],
  ),
  [
    "workflow/save",
    "their job as a cron trigger's cursor",
    "invalid",
    saves(() => ({
      triggers: [
        { id: randomUUID(), type: "cron", cronExpression: "* * * * *", cronCursorJobId: their("job") },
      ],
      edges: [],
    })),
  ],
  [
    "workflow/save",
    "their trigger as an edge's source",
    "invalid",
    saves(({ edges: [first] }) => ({
      edges: first ? [{ ...first, sourceTriggerId: their("webhook") }] : [],
    })),
  ],
  [
    "workflow/save",
    "their job as an edge's source",
    "invalid",
    saves(({ edges: [, second] }) => ({ edges: second ? [{ ...second, sourceJobId: their("job") }] : [] })),
  ],
  [
    "workflow/save",
    "their job as an edge's target",
    "invalid",
    saves(({ edges: [first] }) => ({ edges: first ? [{ ...first, targetJobId: their("job") }] : [] })),
  ],
  [
    "workflow/save",
    "their credential",
    "invalid",
    saves(({ jobs }) => ({
      jobs: jobs.map((job) => ({ ...job, projectCredentialId: their("projectCredential") })),
    })),
  ],
  [
    "workflow/save",
    "their library entry",
    "invalid",
    saves(({ jobs }) => ({
      jobs: jobs.map((job) => ({ ...job, libraryJobId: their("entry"), libraryVersion: 1 })),
    })),
  ],
  ["library/entry", "entry", "not_found", () => entryOf(mine.ctx, db, their("entry"))],
  ["library/get", "entry", "not_found", () => getLibraryJob(mine.ctx, their("entry"))],
  [
    "library/versions",
    "entry",
    "not_found",
    () => getLibraryVersion(mine.ctx, { id: their("entry"), version: 1 }),
  ],
  ["library/list", "cursor", "nothing", () => listLibrary(mine.ctx, { cursor: their("entry") })],
  [
    "library/update",
    "entry",
    "not_found",
    () => updateLibraryJob(mine.ctx, { id: their("entry"), name: "x" }),
  ],
  ["library/delete", "entry", "not_found", () => deleteLibraryJob(mine.ctx, their("unusedEntry"))],
  [
    "library/new-version",
    "entry",
    "not_found",
    () => addLibraryVersion(mine.ctx, { id: their("entry"), version: 1, body: "x" }, deps),
  ],
  [
    "library/new-version",
    "workflow, with my entry",
    "invalid",
    () =>
      addLibraryVersion(
        mine.ctx,
        { id: my("entry"), version: 1, body: "x", workflows: [their("workflow")] },
        deps,
      ),
  ],
  [
    "adaptor/choose",
    "job",
    "not_found",
    () => chooseAdaptor(mine.ctx, { jobId: their("job"), adaptor: "@openfn/language-common@latest" }, deps),
  ],
  [
    "library/take-over",
    "entry",
    "not_found",
    () => takeOverVersion(mine.ctx, { id: their("entry"), workflows: "all" }),
  ],
  [
    "library/take-over",
    "workflow, with my entry",
    "invalid",
    () => takeOverVersion(mine.ctx, { id: my("entry"), workflows: [their("workflow")] }),
  ],
  ...(["entry", "workflow", "job"] as const).map(
    (kind): Attempt => [
      "library/attach",
      kind,
      "not_found",
      () => {
        const asked = { id: my("entry"), workflowId: my("workflow"), jobId: my("job") };
        const key = ({ entry: "id", workflow: "workflowId", job: "jobId" } as const)[kind];
        return attachLibraryJob(mine.ctx, { ...asked, [key]: their(kind) });
      },
    ],
  ),
  [
    "library/attach",
    "job, to detach from my entry",
    "not_found",
    () => detachLibraryJob(mine.ctx, { id: my("entry"), jobId: their("second") }),
  ],
  [
    "workflow/rewrite",
    "workflow, whose job is to be of my entry",
    "not_found",
    () =>
      attachLibraryJob(mine.ctx, {
        id: my("entry"),
        workflowId: their("workflow"),
        jobId: their("second"),
      }),
  ],
  [
    "library/create",
    "job, as a new entry",
    "not_found",
    () => createLibraryJob(mine.ctx, { name: "x", workflowId: my("workflow"), jobId: their("job") }, deps),
  ],
  ["workflow/get", "workflow", "not_found", () => getWorkflow(mine.ctx, { id: their("workflow") })],
  ["draft/get", "workflow", "not_found", () => getDraft(mine.ctx, { workflowId: their("workflow") })],
  ...[null, 1].map(
    (revision): Attempt => [
      "draft/save",
      `workflow, ${revision === null ? "for a new draft" : "of which they have one"}`,
      "not_found",
      () =>
        saveDraft(mine.ctx, {
          workflowId: their("workflow"),
          revision,
          baseVersion: 1,
          graph: { name: "mine", triggers: [], jobs: [], edges: [] },
        }),
    ],
  ),
  [
    "draft/get",
    "workflow, without graphs",
    "not_found",
    () => getDraftHead(mine.ctx, { workflowId: their("workflow") }),
  ],
  [
    "draft/difference",
    "workflow",
    "not_found",
    () => getDraftDifference(mine.ctx, { workflowId: their("workflow") }),
  ],
  [
    "draft/promote",
    "workflow",
    "not_found",
    () => promoteDraft(mine.ctx, { workflowId: their("workflow"), revision: 1, lockVersion: 1 }, deps),
  ],
  [
    "draft/promote",
    "credential, in my draft",
    "invalid",
    async () => {
      const workflow = draft();
      const { id } = await saveWorkflow(mine.ctx, workflow, deps);
      const jobs = workflow.jobs.map((job) => ({ ...job, projectCredentialId: their("projectCredential") }));
      await saveDraft(mine.ctx, {
        workflowId: id,
        revision: null,
        baseVersion: 1,
        graph: graphOf(workflow, jobs),
      });
      return promoteDraft(mine.ctx, { workflowId: id, revision: 1, lockVersion: 1 }, deps);
    },
  ],
  [
    "draft/promote",
    "job, in my draft",
    "conflict",
    async () => {
      const workflow = draft();
      const { id } = await saveWorkflow(mine.ctx, workflow, deps);
      const [first] = workflow.jobs;
      const jobs = first ? [...workflow.jobs, { ...first, id: their("job"), name: "theirs" }] : [];
      await saveDraft(mine.ctx, {
        workflowId: id,
        revision: null,
        baseVersion: 1,
        graph: graphOf(workflow, jobs),
      });
      return promoteDraft(mine.ctx, { workflowId: id, revision: 1, lockVersion: 1 }, deps);
    },
  ],
  [
    "workflow/enable",
    "workflow",
    "not_found",
    () => enableWorkflow(mine.ctx, { workflowId: their("workflow"), lockVersion: 1, enabled: true }),
  ],
  [
    "workflow/enable",
    "trigger, with my workflow",
    "not_found",
    () =>
      enableWorkflow(mine.ctx, {
        workflowId: my("workflow"),
        lockVersion: 1,
        enabled: true,
        triggerId: their("webhook"),
      }),
  ],
  [
    "workflow/rename",
    "workflow",
    "not_found",
    () => renameWorkflow(mine.ctx, { workflowId: their("workflow"), lockVersion: 1, name: "mine" }),
  ],
  [
    "workflow/duplicate",
    "workflow",
    "not_found",
    () => duplicateWorkflow(mine.ctx, { workflowId: their("workflow") }),
  ],
  ...[archiveWorkflow, unarchiveWorkflow].map(
    (verb): Attempt => ["workflow/archive", verb.name, "not_found", () => verb(mine.ctx, their("workflow"))],
  ),
  ["draft/discard", "workflow", "not_found", () => discardDraft(mine.ctx, { workflowId: their("workflow") })],
  [
    "test-run/settings",
    "workflow",
    "not_found",
    () => getDraftTest(mine.ctx, { workflowId: their("workflow") }),
  ],
  [
    "test-run/settings",
    "workflow, to change it",
    "not_found",
    () => setDraftTest(mine.ctx, { workflowId: their("workflow"), isOpen: true }),
  ],
  ["test-run/list", "workflow", "not_found", () => listTests(mine.ctx, { workflowId: their("workflow") })],
  [
    "test-run/of-message",
    "message",
    "not_found",
    () => listTestsOfMessage(mine.ctx, { messageId: their("message") }),
  ],
  [
    "test-run/replay-messages",
    "workflow",
    "not_found",
    () => listReplayMessages(mine.ctx, { workflowId: their("workflow") }),
  ],
  [
    "test-run/replay",
    "workflow",
    "not_found",
    () =>
      replayDraft(
        mine.ctx,
        { workflowId: their("workflow"), revision: 1, messageIds: [my("message")] },
        { ...deps, runner: () => new ScriptedRunner(), memoryMb: 64 },
      ),
  ],
  ...(["my", "their"] as const).flatMap((whose): Attempt[] => {
    const of = () => ({
      workflowId: whose === "my" ? my("workflow") : their("workflow"),
      testId: their("test"),
    });
    return [
      ["test-run/get", `test, of ${whose} workflow`, "not_found", () => getTest(mine.ctx, of())],
      ["test-run/cancel", `test, of ${whose} workflow`, "not_found", () => cancelTest(mine.ctx, of())],
      [
        "test-run/compare-test",
        `test, of ${whose} workflow`,
        "not_found",
        () =>
          compareTest(mine.ctx, of(), {
            runner: () => new ScriptedRunner(),
            memoryMb: 64,
            resolveAdaptor: async () => ({ version: "1.0.0" }),
          }),
      ],
    ];
  }),
  ...[
    ["workflow", () => ({ workflowId: their("workflow") })],
    ["trigger", () => ({ start: { triggerId: their("webhook") } })],
    ["job", () => ({ start: { jobId: their("job") } })],
    ["message", () => ({ input: { messageId: their("message") } })],
    ["dataclip", () => ({ input: { dataclipId: their("dataclip") } })],
    ["step", () => ({ input: { stepId: their("step") } })],
  ].map(
    ([what, of]): Attempt => [
      "test-run/start",
      String(what),
      "not_found",
      () =>
        startTest(
          mine.ctx,
          {
            ...{ workflowId: my("workflow"), revision: 1, mode: "record", start: { jobId: my("draftJob") } },
            ...(typeof of === "function" ? of() : {}),
          },
          deps,
        ),
    ],
  ),
  ["workflow/counts", "workflow", "not_found", () => getWorkflowCounts(mine.ctx, { id: their("workflow") })],
  [
    "workflow/difference",
    "workflow",
    "not_found",
    () => getWorkflowDifference(mine.ctx, { id: their("workflow"), from: 1 }),
  ],
  [
    "workflow/versions",
    "workflow",
    "not_found",
    () => listWorkflowVersions(mine.ctx, { id: their("workflow") }),
  ],
  [
    "workflow/restore",
    "workflow, to look at",
    "not_found",
    () => getRestoration(mine.ctx, { id: their("workflow"), version: 1 }),
  ],
  [
    "workflow/restore",
    "workflow",
    "not_found",
    () => restoreVersion(mine.ctx, { id: their("workflow"), version: 1, lockVersion: 1 }),
  ],
  ...(["workflow", "job"] as const).map(
    (kind): Attempt => [
      "workflow/repair",
      kind,
      "not_found",
      () => {
        const asked = { id: my("workflow"), jobId: my("job"), lockVersion: 1, body: "fn(s => 1)" };
        return repairJob(mine.ctx, { ...asked, [kind === "job" ? "jobId" : "id"]: their(kind) }, deps);
      },
    ],
  ),
  ["workflow/deleted", "workflow", "not_found", () => getWorkflowHead(mine.ctx, { id: their("workflow") })],
  [
    "workflow/deleted",
    "cursor",
    "nothing",
    () => listDeletedWorkflows(mine.ctx, { cursor: their("workflow") }),
  ],
  ["workflow/load-graph", "version", "not_found", () => loadGraph(db, my("project"), their("snapshot"))],
  ...["project", "inbox", "webhook", "job", "workflow"].map(
    (kind): Attempt => [
      "project/create",
      `the id of their ${kind}`,
      "conflict",
      () => createProject(mine.user, { id: their(kind), name: "mine" }),
    ],
  ),
  ["message/get", "message", "not_found", () => getMessage(mine.ctx, their("message"))],
  ["message/history", "message", "not_found", () => listHistory(mine.ctx, their("message"))],
  ["message/job-states", "message", "not_found", () => listJobStates(mine.ctx, their("message"))],
  ["message/body", "message", "not_found", () => getMessageBody(mine.ctx, their("message"))],
  ["message/matching", "message", "not_found", () => getMessageMatching(mine.ctx, their("message"))],
  [
    "mask/reveal",
    "message",
    "not_found",
    () => reveal(mine.ctx, { messageId: their("message"), reason: "A question of the clinic" }),
  ],
  [
    "mask/reveal",
    "run",
    "not_found",
    () => reveal(mine.ctx, { runId: their("run"), reason: "A question of the clinic" }),
  ],
  ["message/list", "job", "nothing", () => listMessages(mine.ctx, { job: their("job") })],
  ["workflow/jobs", "id", "nothing", () => listJobs(mine.ctx, { id: their("job") })],
  ["workflow/jobs", "cursor", "nothing", () => listJobs(mine.ctx, { cursor: their("job") })],
  ["message/copy", "message", "not_found", () => originalOf(mine.ctx, their("message"))],
  [
    "message/create",
    "trigger",
    "invalid",
    () => createMessage(mine.ctx, { body: "{}", triggerId: their("trigger") }),
  ],
  [
    "message/read-as",
    "message",
    "not_found",
    () => readMessageAs(mine.ctx, { messageId: their("message"), format: "text" }),
  ],
  [
    "message/resend",
    "message",
    "not_found",
    () => resendMessage(mine.ctx, { messageId: their("message"), body: "{}" }),
  ],
  ["workflow/following", "workflow", "nothing", () => followersOf(mine.ctx, their("workflow"))],
  ["run/causes", "run", "nothing", async () => (await causesOf(mine.ctx, their("run"))).caused],
  [
    "workflow/run-trigger",
    "trigger",
    "not_found",
    () => runTrigger(mine.ctx, { workflowId: their("workflow"), triggerId: their("trigger") }),
  ],
  [
    "workflow/run-trigger",
    "workflow",
    "not_found",
    () => runTrigger(mine.ctx, { workflowId: their("workflow"), triggerId: my("trigger") }),
  ],
  ["run/get", "run", "not_found", () => getRun(mine.ctx, their("run"))],
  ["run/list", "workflow", "nothing", () => listRuns(mine.ctx, { workflow: their("workflow") })],
  [
    "run/export",
    "workflow",
    "nothing",
    async () => ((await exportRuns(mine.ctx, { workflow: their("workflow") })).runs === 0 ? null : "some"),
  ],
  [
    "run/waiting",
    "workflow",
    "nothing",
    async () => {
      const { counted, ...counts } = await countWaiting(mine.ctx, { workflowId: their("workflow") });
      return { items: Object.values(counts).filter((count) => count > 0), nextCursor: null };
    },
  ],
  ["workflow/pause", "workflow", "not_found", () => pauseWorkflow(mine.ctx, their("workflow"))],
  ["workflow/resume", "workflow", "not_found", () => resumeWorkflow(mine.ctx, their("workflow"))],
  ["run/cancel", "waiting run", "not_found", () => cancelRun(mine.ctx, their("waitingRun"))],
  ["run/logs", "step", "not_found", () => listLogs(mine.ctx, their("step"), {})],
  ["run/payloads", "step's input", "not_found", () => getStepInput(mine.ctx, their("step"))],
  ["run/payloads", "step's output", "not_found", () => getStepOutput(mine.ctx, their("step"))],
  ["run/payloads", "message's bytes", "nothing", () => getMessageBytes(mine.ctx, their("message"))],
  ["run/payloads", "message", "nothing", () => getMessageState(mine.ctx, their("message"))],
  ["dataclip/body", "input", "not_found", () => getDataclipBody(mine.ctx, their("dataclip"))],
  [
    "dataclip/name",
    "input",
    "not_found",
    () => nameDataclip(mine.ctx, { id: their("dataclip"), name: "mine" }),
  ],
  ["dataclip/list", "cursor", "nothing", () => listSavedInputs(mine.ctx, { cursor: their("dataclip") })],
  ["dataclip/recent", "job", "not_found", () => listRecentInputs(mine.ctx, { jobId: their("job") })],
  [
    "dataclip/recent",
    "workflow",
    "not_found",
    () => listRecentInputs(mine.ctx, { workflowId: their("workflow") }),
  ],
  ["run/start", "workflow", "not_found", () => startRun(mine.ctx, { workflowId: their("workflow") })],
  ...(["job", "trigger", "message", "dataclip"] as const).map(
    (kind): Attempt => [
      "run/start",
      `${kind}, with my workflow`,
      "not_found",
      () => startRun(mine.ctx, { workflowId: my("workflow"), [`${kind}Id`]: their(kind) }),
    ],
  ),
  ["run/rerun", "message", "not_found", () => rerunMessage(mine.ctx, { messageId: their("message") })],
  [
    "run/rerun",
    "job, for my message",
    "not_found",
    () => rerunMessage(mine.ctx, { messageId: my("message"), jobId: their("job") }),
  ],
  [
    "run/rerun",
    "workflow, for my message",
    "conflict",
    () => rerunMessage(mine.ctx, { messageId: my("message"), workflowId: their("workflow") }),
  ],
  ["run/rerun", "run", "not_found", () => rerunRun(mine.ctx, { runId: their("run") })],
  [
    "run/rerun-preview",
    "message",
    "not_found",
    () => getMessageRerun(mine.ctx, { messageId: their("message") }),
  ],
  [
    "run/rerun-preview",
    "job",
    "not_found",
    () => getMessageRerun(mine.ctx, { messageId: my("message"), jobId: their("job") }),
  ],
  [
    "run/rerun-preview",
    "workflow",
    "conflict",
    () => getMessageRerun(mine.ctx, { messageId: my("message"), workflowId: their("workflow") }),
  ],
  ["run/rerun-preview", "run", "not_found", () => getRunRerun(mine.ctx, { runId: their("run") })],
  [
    "run/rerun-preview",
    "step",
    "not_found",
    () => getRunRerun(mine.ctx, { runId: my("run"), fromStepId: their("step") }),
  ],
  [
    "run/rerun",
    "step, in my run",
    "not_found",
    () => rerunRun(mine.ctx, { runId: my("run"), fromStepId: their("step") }),
  ],
  [
    "run/release",
    "work order",
    "not_found",
    () => releaseWorkOrder(mine.ctx, { workOrderId: their("rejectedOrder") }),
  ],
  ["run/dry-run", "step", "not_found", () => dryRun({ stepId: their("step") })],
  [
    "run/dry-run",
    "job, with my message",
    "not_found",
    () => dryRun({ messageId: my("message"), jobId: their("job") }),
  ],
  [
    "run/dry-run",
    "message, with my job",
    "not_found",
    () => dryRun({ messageId: their("message"), jobId: my("job") }),
  ],
  [
    "auth-method/link",
    "method",
    "not_found",
    () => linkAuthMethod(mine.ctx, { authMethodId: their("method") }),
  ],
  [
    "auth-method/link",
    "trigger, with my method",
    "not_found",
    () => linkAuthMethod(mine.ctx, { authMethodId: my("method"), triggerIds: [their("webhook")] }),
  ],
  [
    "auth-method/reveal",
    "method",
    "not_found",
    () => revealAuthMethod(mine.ctx, { authMethodId: their("method") }),
  ],
  [
    "auth-method/replace-secret",
    "method",
    "not_found",
    () =>
      replaceSecret(mine.ctx, { authMethodId: their("method"), secret: "another-secret", oldEndsAt: null }),
  ],
  [
    "auth-method/replace-secret",
    "method, whose old secret is to end",
    "not_found",
    () => endOldSecret(mine.ctx, { authMethodId: their("method"), oldEndsAt: null }),
  ],
  ["refused/get", "request", "not_found", () => getRefused(mine.ctx, { id: their("refused") })],
  ["refused/accept", "request", "not_found", () => acceptRefused(mine.ctx, { id: their("refused") })],
  [
    "refused/list",
    "request as the cursor",
    "nothing",
    () => listRefused(mine.ctx, { cursor: their("refused"), cause: "repeat" }),
  ],
  [
    "auth-method/delete",
    "method",
    "not_found",
    () => deleteAuthMethod(mine.ctx, { authMethodId: their("method") }),
  ],
  [
    "credential/share",
    "credential",
    "not_found",
    () => shareCredential(mine.ctx, { credentialId: their("credential") }),
  ],
  [
    "credential/share",
    "shared credential",
    "not_found",
    () => unshareCredential(mine.ctx, { projectCredentialId: their("projectCredential") }),
  ],
  [
    "credential/open",
    "shared credential, for my job",
    "not_found",
    () => openCredential(db, their("projectCredential"), my("project")),
  ],
  [
    "credential/get",
    "credential",
    "not_found",
    () => getCredential(mine.user, { credentialId: their("credential") }),
  ],
  [
    "credential/update",
    "credential",
    "not_found",
    () => updateCredential(mine.user, { credentialId: their("credential"), name: "Mine" }),
  ],
  [
    "credential/environment/set",
    "credential",
    "not_found",
    () =>
      setCredentialEnvironment(mine.user, { credentialId: their("credential"), env: "staging", body: {} }),
  ],
  [
    "credential/environment/get",
    "credential",
    "not_found",
    () => getCredentialEnvironment(mine.user, { credentialId: their("credential"), env: "staging" }),
  ],
  [
    "credential/environment/delete",
    "credential",
    "not_found",
    () => deleteCredentialEnvironment(mine.user, { credentialId: their("credential"), env: "staging" }),
  ],
  [
    "collection/create",
    "collection",
    "conflict",
    () => createCollections(mine.ctx, [{ id: their("collection"), name: "mine" }]),
  ],
  [
    "collection/delete",
    "collection",
    "not_found",
    () => deleteCollection(mine.ctx, { id: their("collection") }),
  ],
  [
    "collection/delete",
    "collection, among several",
    "nothing",
    () => deleteCollections(mine.ctx, [their("collection")]),
  ],
  [
    "collection/rename",
    "collection",
    "not_found",
    () => renameCollection(mine.ctx, { id: their("collection"), name: "mine" }),
  ],
  [
    "collection/browse",
    "collection",
    "not_found",
    () => getCollection(mine.ctx, { id: their("collection") }),
  ],
  [
    "collection/browse",
    "collection, and a key",
    "not_found",
    () => listItems(mine.ctx, { id: their("collection"), key: "visit:1" }),
  ],
  [
    "collection/put-items",
    "collection",
    "not_found",
    () => putItems(mine.ctx, their("collection"), [{ key: "visit:1", value: "mine" }]),
  ],
  [
    "collection/put-items",
    "collection, for my run",
    "not_found",
    () =>
      putItems({ db, project: { id: my("project") }, runId: my("run") }, their("collection"), [
        { key: "visit:1", value: "mine" },
      ]),
  ],
  [
    "collection/delete-items",
    "collection, and a key",
    "not_found",
    () => deleteItem(mine.ctx, their("collection"), "visit:1"),
  ],
  [
    "collection/delete-items",
    "collection",
    "not_found",
    () => deleteItems(mine.ctx, their("collection"), {}),
  ],
  [
    "keychain/create",
    "default credential",
    "invalid",
    () =>
      createKeychain(mine.ctx, {
        name: "Mine",
        path: "$.data.id",
        defaultProjectCredentialId: their("projectCredential"),
      }),
  ],
  [
    "keychain/update",
    "keychain",
    "not_found",
    () => updateKeychain(mine.ctx, { keychainId: their("keychain"), name: "Mine" }),
  ],
  [
    "keychain/update",
    "default credential, for my keychain",
    "invalid",
    () =>
      updateKeychain(mine.ctx, {
        keychainId: my("keychain"),
        defaultProjectCredentialId: their("projectCredential"),
      }),
  ],
  [
    "keychain/delete",
    "keychain",
    "not_found",
    () => deleteKeychain(mine.ctx, { keychainId: their("keychain") }),
  ],
  [
    "keychain/choose",
    "keychain, for my job",
    "conflict",
    () => chooseCredential(db, their("keychain"), my("project"), "{}"),
  ],
  [
    "credential/uses",
    "shared credential",
    "nothing",
    async () => [...(await jobsUsing(db, my("project"), "credential", [their("projectCredential")]))],
  ],
  [
    "credential/delete",
    "credential",
    "not_found",
    () => deleteCredential(mine.user, { credentialId: their("credential") }),
  ],
  [
    "credential-transfer/offer",
    "credential",
    "not_found",
    () => offerCredential(mine.user, { credentialId: their("credential"), email: "somebody@example.org" }),
  ],
  [
    "credential-transfer/answer",
    "offer, to accept",
    "not_found",
    () => acceptTransfer(mine.user, { transferId: their("transfer") }),
  ],
  [
    "credential-transfer/answer",
    "offer, to end",
    "not_found",
    () => endTransfer(mine.user, { transferId: their("transfer") }),
  ],
  [
    "oauth-client/update",
    "client",
    "not_found",
    () => updateOauthClient(mine.user, { oauthClientId: their("client"), name: "Mine" }),
  ],
  [
    "oauth-client/delete",
    "client",
    "not_found",
    () => deleteOauthClient(mine.user, { oauthClientId: their("client") }),
  ],
  [
    "oauth-client/share",
    "client",
    "not_found",
    () => shareOauthClient(mine.ctx, { oauthClientId: their("client") }),
  ],
  [
    "oauth-client/share",
    "client that is not shared with mine",
    "not_found",
    () => unshareOauthClient(mine.ctx, { oauthClientId: their("client") }),
  ],
  [
    "oauth-client/consent",
    "client",
    "not_found",
    () => startConsent(mine.user, { oauthClientId: their("client"), name: "Mine" }, "http://x.example"),
  ],
  [
    "oauth-client/consent",
    "credential, with a client of mine",
    "not_found",
    () =>
      startConsent(
        mine.user,
        { oauthClientId: my("client"), credentialId: their("credential") },
        "http://x.example",
      ),
  ],
  [
    "oauth-client/consent",
    "project, with a client of mine",
    "not_found",
    () =>
      startConsent(
        mine.user,
        { oauthClientId: my("client"), name: "Mine", shareWith: their("project") },
        "http://x.example",
      ),
  ],
  [
    "oauth-client/connect",
    "answer of a service",
    "not_found",
    () =>
      connectCredential(
        mine.user,
        { state: their("consentState"), code: "code" },
        { policy: new EgressPolicy({}), origin: "http://x.example" },
      ),
  ],
  [
    "invitation/resend",
    "invitation",
    "not_found",
    () => resendInvitation(mine.ctx, { invitationId: their("invitation") }),
  ],
  [
    "invitation/revoke",
    "invitation",
    "not_found",
    () => revokeInvitation(mine.ctx, { invitationId: their("invitation") }),
  ],
  [
    "invitation/answer",
    "invitation",
    "not_found",
    () => acceptInvitation(mine.user, { invitationId: their("invitation") }),
  ],
  [
    "invitation/answer",
    "invitation, to decline",
    "not_found",
    () => declineInvitation(mine.user, { invitationId: their("invitation") }),
  ],
  [
    "member/change-role",
    "member",
    "not_found",
    () => changeRole(mine.ctx, { userId: their("viewer"), role: "admin" }),
  ],
  ...(
    [
      ["change", (id) => changeChannel(mine.ctx, { channelId: id, name: "Mine" })],
      ["change", (id) => renewChannelSecret(mine.ctx, { channelId: id })],
      ["change", (id) => deleteChannel(mine.ctx, { channelId: id })],
    ] as [string, (id: string) => Promise<unknown>][]
  ).map(
    ([verb, call], n): Attempt => [
      `notice/channel/${verb}`,
      `channel ${n}`,
      "not_found",
      () => call(their("channel")),
    ],
  ),
  ["notice/try", "channel", "not_found", () => tryChannel(mine.ctx, { channelId: their("channel") })],
  [
    "notice/send-again",
    "notice",
    "not_found",
    () => sendNoticeAgain(mine.ctx, { noticeId: their("notice") }),
  ],
  [
    "notice/rules/set",
    "channel",
    "not_found",
    () => setChannelRule(mine.ctx, { channelId: their("channel"), atOnce: false }),
  ],
  [
    "notice/rules/set",
    "workflow",
    "invalid",
    () => setMyRule(mine.ctx, { workflowIds: [their("workflow")] }),
  ],
  [
    "notice/rules/set",
    "workflow, for a channel",
    "invalid",
    () => setChannelRule(mine.ctx, { channelId: my("channel"), workflowIds: [their("workflow")] }),
  ],
  ["member/remove", "member", "not_found", () => removeMember(mine.ctx, { userId: their("viewer") })],
  ["member/transfer", "member", "not_found", () => transferProject(mine.ctx, { userId: their("viewer") })],
  [
    "session/reauthenticate",
    "session",
    "invalid",
    () => reauthenticate({ ...mine.user, sessionId: their("session") }, { password: "theirs" }),
  ],
  ["session/revoke", "session", "not_found", () => revokeSession(mine.user, { sessionId: their("session") })],
  ...["message", "run"].map(
    (kind): Attempt => [
      "bulk/start",
      `chosen ${kind}`,
      "not_found",
      () =>
        startBulk(mine.ctx, {
          name: "theirs",
          kind: "rerun",
          of: { target: kind === "run" ? "runs" : "messages", ids: [their(kind)] },
        }),
    ],
  ),
  ...(["jobId", "workflowId"] as const).map(
    (key): Attempt => [
      "bulk/preview",
      key,
      "not_found",
      () =>
        previewBulk(mine.ctx, {
          kind: "rerun",
          of: { target: "messages" },
          [key]: their(key === "jobId" ? "job" : "workflow"),
        }),
    ],
  ),
  ["bulk/get", "act", "not_found", () => getBulkAct(mine.ctx, their("bulkAct"))],
  ["bulk/get", "act of a list", "not_found", () => listBulkRefusals(mine.ctx, { id: their("bulkAct") })],
  ...[pauseBulk, resumeBulk, abortBulk, undoBulk].map(
    (verb): Attempt => ["bulk/change", verb.name, "not_found", () => verb(mine.ctx, their("bulkAct"))],
  ),
  [
    "bulk/start",
    "issue",
    "not_found",
    () =>
      startBulk(mine.ctx, {
        name: "theirs",
        kind: "rerun",
        of: { target: "issue", issueId: their("issue"), ids: [their("rejectedOrder")] },
      }),
  ],
  [
    "bulk/preview",
    "issue",
    "not_found",
    () => previewBulk(mine.ctx, { kind: "rerun", of: { target: "issue", issueId: their("issue") } }),
  ],
  ["issue/get", "issue", "not_found", () => getIssue(mine.ctx, their("issue"))],
  ["issue/get", "issue of a list", "not_found", () => listIssueOrders(mine.ctx, { id: their("issue") })],
  ["issue/list", "workflow", "nothing", () => listIssues(mine.ctx, { workflow: their("workflow") })],
  [
    "issue/marks",
    "work order",
    "nothing",
    async () => (await issuesOfOrders(mine.ctx, [their("order")]))(their("order")),
  ],
  ["issue/rerun", "issue", "not_found", () => rerunIssue(mine.ctx, { id: their("issue") })],
  [
    "issue/update",
    "issue",
    "not_found",
    () => updateIssue(mine.ctx, { id: their("issue"), state: "resolved" }),
  ],
  ["run/list", "bulk act", "nothing", () => listRuns(mine.ctx, { bulk: their("bulkAct") })],
  ["person/get", "search", "not_found", () => getPerson(mine.ctx, their("person"))],
  ["person/get", "search, in itself", "not_found", () => readPerson(mine.ctx, their("person"))],
  [
    "person/get",
    "search, of a list",
    "not_found",
    () => listPersonItems(mine.ctx, { id: their("person"), kind: "message" }),
  ],
  ["person/get", "cursor", "nothing", () => listPersons(mine.ctx, { cursor: lowestId })],
  ["person/recipients", "search", "nothing", () => recipientsOf(mine.ctx, their("person"))],
  ["person/export", "search", "not_found", () => exportPerson(mine.ctx, { id: their("person") })],
  ["person/end", "search", "not_found", () => endPerson(mine.ctx, { id: their("person") })],
  [
    "person/wipe",
    "search",
    "not_found",
    () => wipePerson(mine.ctx, { id: their("person"), reason: "They asked for it" }),
  ],
  ...[getCertificate, certificateText].map(
    (verb): Attempt => [
      "person/certificates",
      verb.name,
      "not_found",
      () => verb(mine.ctx, { id: their("certificate") }),
    ],
  ),
  [
    "person/certificates",
    "certificate, to check",
    "not_found",
    () => checkCertificate(mine.ctx, { id: their("certificate"), key: { text: "Amina" } }),
  ],
  ["person/certificates", "cursor", "nothing", () => listCertificates(mine.ctx, { cursor: lowestId })],
  [
    "project-token/revoke",
    "token",
    "not_found",
    () => revokeProjectToken(mine.ctx, { tokenId: their("projectToken") }),
  ],
  ["project-token/list", "cursor", "nothing", () => listProjectTokens(mine.ctx, { cursor: lowestId })],
  ["work-order/list", "work order", "not_found", () => getWorkOrder([mine.ctx], their("order"))],
  ["run/numbered", "run", "not_found", () => getListedRun([mine.ctx], their("run"))],
  ["workflow/numbered-jobs", "job", "not_found", () => getNamedJob([mine.ctx], their("job"))],
  [
    "workflow/openfn/document",
    "workflow",
    "not_found",
    () => getOpenfnWorkflow([mine.ctx], their("workflow")),
  ],
  [
    "workflow/openfn/save",
    "workflow",
    "not_found",
    () => updateOpenfnWorkflow(mine.ctx, { id: their("workflow"), body: { name: "mine" } }, deps),
  ],
  [
    "credential/openfn/document",
    "credential",
    "forbidden",
    () => getOpenfnCredential(mine.user, { id: their("credential"), seen: [mine.ctx] }),
  ],
  [
    "credential/openfn/save",
    "credential, to delete",
    "forbidden",
    () => deleteOpenfnCredential(mine.user, { id: their("credential") }),
  ],
  [
    "credential/openfn/save",
    "credential, to replace",
    "conflict",
    () =>
      putOpenfnCredential(mine.user, {
        id: their("credential"),
        body: { name: "mine", credential_bodies: [{ name: "main", body: {} }] },
        email: "mine@example.org",
        seen: [mine.ctx],
      }),
  ],
  [
    "credential/openfn/save",
    "project",
    "forbidden",
    () =>
      createOpenfnCredential(
        mine.user,
        { name: "mine", body: {}, project_credentials: [{ project_id: their("project") }] },
        [mine.ctx],
      ),
  ],
  ["token/revoke", "token", "not_found", () => revokeToken(mine.user, { tokenId: their("token") })],
  [
    "token/create",
    "project",
    "not_found",
    () => createToken(mine.user, { name: "theirs", projectId: their("project") }),
  ],
];

const dryRun = (input: Parameters<typeof dryRunStep>[1]) =>
  dryRunStep(mine.ctx, input, { runner: new ScriptedRunner(), memoryMb: 128 });

const isNothing = (found: unknown) =>
  found === null || ["[]", '{"items":[],"nextCursor":null}'].includes(JSON.stringify(found));

describe("with an id of another project", () => {
  test.each(attempts)("%s: %s is %s, and leaves them as they are", async (_, __, answer, call) => {
    const before = await rowsOf(their("project"));
    if (answer === "nothing") expect(await call()).toSatisfy(isNothing);
    else await expectRefusal(call(), answer);
    expect(await rowsOf(their("project"))).toEqual(before);
  });
});

/** What these are given by a client names nothing that is somebody's. */
const withoutIds = [
  "adaptor/credential-schemas",
  "adaptor/get",
  "adaptor/list",
  "adaptor/look-up",
  "adaptor/upgrade",
  "adaptor/versions",
  "auth-method/create",
  "auth-method/list",
  // Given what a bulk act was made of, by its verbs above.
  "bulk/candidates",
  "bulk/count",
  "bulk/items",
  "bulk/plan",
  "collection/list",
  "credential-transfer/list",
  "credential/create",
  "credential/list",
  "dataclip/keep",
  // Given the workflows that the lists above have found.
  "draft/by-workflow",
  "invitation/create",
  "invitation/deliver",
  "invitation/list",
  // Given SQL by the verbs above.
  "issue/read",
  "keychain/list",
  // Given what a verb has looked up.
  "mask/mask",
  "mask/set",
  "member/list",
  // Given SQL for a scope by the searches.
  "message/candidates",
  "message/filter-preview",
  "message/preview-redactions",
  // Given what the verbs above have looked up.
  "message/put",
  "message/redactions",
  "notice/channel/create",
  "notice/list",
  "notice/rules/list",
  "notice/rules/settings",
  "oauth-client/create",
  "oauth-client/list",
  // Given what a search was made of, by its verbs above.
  "person/scan",
  "person/start",
  "person/wipe-some",
  // The operator's, of a project that was looked up by its name.
  "plan/set",
  "project-token/create",
  "project/delete",
  "project/import",
  "project/import-library",
  "project/list",
  "project/sample",
  "project/tell-deletion",
  "project/update",
  "retention/preview",
  "retention/settings",
  // The first part of verbs that are walked.
  "run/bring-back",
  "run/create",
  "run/rerun-plan",
  "second-factor/remove",
  "second-factor/set-up",
  // The workflows are walked with the preview.
  "spec/apply",
  "spec/export",
  "spec/plan",
  // Given what a test was made of, by its verbs above.
  "test-run/open-input",
  // Walked with whatever asks for a draft, and with a replay.
  "test-run/own-draft",
  "test-run/saved-graph",
  "token/list",
  "usage/get",
  "usage/months",
  "usage/storage",
  // Given a version that a verb has looked up.
  "workflow/compiled",
  "workflow/fitting",
  "workflow/list",
  // The first part of verbs that are walked.
  "workflow/present",
];

test("every verb that is given something is among them, or takes no id", () => {
  const verbs = sources(["lib/domain"])
    .filter(({ text }) => /export (async )?function \w+\(\s*ctx: [^,)]+,\s*\w/.test(text))
    .map(({ file }) => file.slice("lib/domain/".length, -".ts".length))
    .filter((verb) => verb.includes("/") && !verb.startsWith("user/"));
  const walked = new Set(attempts.map(([verb]) => verb));
  expect(verbs.filter((verb) => !walked.has(verb)).sort()).toEqual(withoutIds);
});
