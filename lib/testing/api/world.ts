import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { bulkRefusals, logLines, notices, steps } from "@/db/schema";
import { sessionCookieName, sessionCookieValue } from "@/lib/auth/cookie";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { replaceSecret } from "@/lib/domain/auth-method/replace-secret";
import { pauseBulk } from "@/lib/domain/bulk/change";
import { startBulk } from "@/lib/domain/bulk/start";
import { createCollections } from "@/lib/domain/collection/create";
import { putItems } from "@/lib/domain/collection/put-items";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { setCredentialEnvironment } from "@/lib/domain/credential/environment/set";
import { shareCredential } from "@/lib/domain/credential/share";
import { offerCredential } from "@/lib/domain/credential-transfer/offer";
import { keepInput } from "@/lib/domain/dataclip/keep";
import { saveDraft } from "@/lib/domain/draft/save";
import { createInvitation } from "@/lib/domain/invitation/create";
import { createKeychain } from "@/lib/domain/keychain/create";
import { createLibraryJob } from "@/lib/domain/library/create";
import { setProtection } from "@/lib/domain/mask/set";
import { createChannel } from "@/lib/domain/notice/channel/create";
import { stopToken } from "@/lib/domain/notice/stop/token";
import { startConsent } from "@/lib/domain/oauth-client/consent";
import { createOauthClient } from "@/lib/domain/oauth-client/create";
import { shareOauthClient } from "@/lib/domain/oauth-client/share";
import { deleteProject } from "@/lib/domain/project/delete";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { beginSecondFactor } from "@/lib/domain/second-factor/set-up";
import { digitsAt } from "@/lib/domain/second-factor/totp";
import { createSession } from "@/lib/domain/session/create";
import { createToken } from "@/lib/domain/token/create";
import { deleteUser } from "@/lib/domain/user/delete";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { worldTokenUrl } from "@/lib/testing/api/token-server";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { createPersonSearch } from "@/lib/testing/person";
import { failure, ScriptedRunner } from "@/lib/testing/scripted-runner";
import { createFactor } from "@/lib/testing/second-factor";
import { tokenScopes } from "@/lib/words";

const people = ["owner", "session", "admin", "editor", "viewer", "stranger", "leaving", "nobody"] as const;
/** Others in a browser: with a second factor, waiting for it, and setting one up. */
const factorKinds = ["guarded", "half", "settingUp"] as const;
/** The viewer in a browser. */
const maskedKinds = ["looking"] as const;
/** Further tokens of the owner: of one scope each, of this project, of another. */
const tokenKinds = [...tokenScopes, "bound", "elsewhere"] as const;
/** The project's own tokens: with every scope, and with one. */
const repositoryKinds = ["repository", "reader"] as const;
export const callers = [
  ...people,
  ...factorKinds,
  ...maskedKinds,
  ...tokenKinds,
  ...repositoryKinds,
] as const;
/** `session` is the owner in a browser, `owner` with a token; `leaving` deletes their account; `nobody` sends nothing. */
export type Caller = (typeof callers)[number];

export type World = {
  /** Headers that say who calls. */
  as: Record<Caller, Record<string, string>>;
  /** What stands for something of this world, by marker name. */
  things: Record<string, string>;
};

/** A project with one of everything, and somebody of each role. `name` is masked for viewers, who may reveal it. */
export async function createWorld(name = "Amina"): Promise<World> {
  const { db } = testDatabase();
  const owner = await createTestUser({ emailVerified: new Date() });
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  await setProtection(ctx, {
    masks: ["$.patient.name"],
    maskedRoles: ["viewer"],
    revealRoles: ["viewer"],
    noDownloadRoles: [],
  });
  const members = {
    admin: await addTestMember(project, "admin"),
    editor: await addTestMember(project, "editor"),
    viewer: await addTestMember(project, "viewer"),
  };
  const stranger = await createTestUser({ emailVerified: new Date() });
  const credential = await createCredential(userContextFor(owner), { name: "Clinic", body: { key: "v" } });
  const link = await shareCredential(ctx, { credentialId: credential.id });
  await setCredentialEnvironment(userContextFor(owner), {
    credentialId: credential.id,
    env: "staging",
    body: { key: "w" },
  });
  const keychain = await createKeychain(ctx, {
    name: "By facility",
    path: "$.data.facility",
    defaultProjectCredentialId: link.id,
  });
  const offered = await createCredential(userContextFor(members.admin), {
    name: "Offered",
    body: { key: "v" },
  });
  const collection = randomUUID();
  await createCollections(ctx, [{ id: collection, name: `visits-${collection.slice(0, 8)}` }]);
  await putItems(ctx, collection, [{ key: "visit:1", value: JSON.stringify({ patient: { name } }) }]);
  await shareCredential(contextFor(members.admin, project, "admin"), { credentialId: offered.id });
  const transfer = await offerCredential(userContextFor(members.admin), {
    credentialId: offered.id,
    email: owner.email,
  });
  const client = await createOauthClient(userContextFor(owner), {
    name: "Sheets",
    provider: "generic",
    clientId: "client",
    clientSecret: "client-secret",
    authorizationUrl: "http://127.0.0.1/authorize",
    tokenUrl: worldTokenUrl(),
  });
  await shareOauthClient(ctx, { oauthClientId: client.id });
  const consent = await startConsent(
    userContextFor(owner),
    { oauthClientId: client.id, name: "Connected", shareWith: project.id },
    "http://127.0.0.1:3000",
  );
  const method = await createAuthMethod(ctx, { type: "api", name: "Kobo" });
  await replaceSecret(ctx, {
    authMethodId: method.id,
    oldEndsAt: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const invitation = await createInvitation(ctx, { email: stranger.email, role: "viewer" });
  const entry = await createLibraryJob(ctx, { name: "Shared", ...code }, adaptors);
  const unused = await createLibraryJob(ctx, { name: "Unused", ...code }, adaptors);
  const flow = await createFlow(ctx, link.id, entry.id);
  const draftJob = randomUUID();
  const own = await saveDraft(ctx, {
    workflowId: flow.workflow,
    revision: null,
    baseVersion: 1,
    graph: {
      name: "Visit, changed",
      triggers: [],
      jobs: [{ id: draftJob, name: "Look", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" }],
      edges: [],
    },
  });
  const test = await testOf(own.id, project.id, name);
  const saved = await keepInput(ctx, {
    name: `Visit of ${name}`,
    json: { data: { form: "visit", patient: { name }, note: `${name} came` } },
  });
  const messageId = await send(project.inboxId, name);
  const run = await execute(messageId, name);
  const { issue, order } = await makeIssue(run.failed, name);
  const waiting = await send(project.inboxId, name);
  const rejectedOrder = await reject(project, name);
  const act = await startBulk(ctx, { name: "again", kind: "rerun", of: { target: "messages" } });
  const pausedAct = await startBulk(ctx, { name: "later", kind: "cancel", of: { target: "runs" } });
  await pauseBulk(ctx, pausedAct.id);
  await db
    .insert(bulkRefusals)
    .values({ actId: act.id, itemId: messageId, projectId: project.id, reason: "unmatched" });
  const told = await addChannel(ctx);
  const refused = await refuse(project, name);
  const person = await createPersonSearch({ project: { id: project.id, name: project.name }, messageId });
  const gone = await createTestUser();
  await deleteUser(userContextFor(gone), gone.id, { confirmEmail: gone.email });
  const closing = await createTestProject({ owner });
  await deleteProject(contextFor(owner, closing), { confirmName: closing.name });
  const other = await createSession(db, { userId: owner.id, userAgent: "other" });
  const token = await createToken(userContextFor(owner), { name: "another" });
  const repository = await createProjectToken(ctx, { name: "repository", scopes: [...tokenScopes] });
  const reader = await createProjectToken(ctx, { name: "reader", scopes: ["read"] });
  const guarded = await createFactor();
  const settingUp = await createTestUser({ emailVerified: new Date() });
  const { secret } = await beginSecondFactor(userContextFor(settingUp), { isMailDelivered: false });
  const invitationToken = invitation.link?.split("/").at(-1) ?? "";
  return {
    as: {
      owner: await bearer(owner),
      session: await signedIn(owner),
      admin: await bearer(members.admin),
      editor: await bearer(members.editor),
      viewer: await bearer(members.viewer),
      stranger: await bearer(stranger),
      leaving: await signedIn(gone),
      nobody: {},
      ...(await ownersTokens(owner, project)),
      repository: { authorization: `Bearer ${repository.token}` },
      reader: { authorization: `Bearer ${reader.token}` },
      guarded: await cookieOf({ id: guarded.sessionId, userId: guarded.user.id }),
      half: await signedIn(guarded.user),
      settingUp: await signedIn(settingUp),
      looking: await signedIn(members.viewer),
    },
    things: {
      project: project.id,
      projectName: project.name,
      closing: closing.id,
      message: messageId,
      ...run,
      issue,
      order,
      bulkAct: act.id,
      pausedAct: pausedAct.id,
      waitingRun: await runOf(waiting),
      rejectedOrder,
      refused,
      ...person,
      ...told,
      stopToken: stopToken({ userId: members.viewer.id, projectId: project.id, kind: "digest" }),
      ...flow,
      draft: own.id,
      draftJob,
      test,
      dataclip: saved.id,
      entry: entry.id,
      unusedEntry: unused.id,
      version: "1",
      credential: credential.id,
      projectCredential: link.id,
      env: "staging",
      keychain: keychain.id,
      collection,
      collectionName: `visits-${collection.slice(0, 8)}`,
      client: client.id,
      transfer: transfer.id,
      consentState: new URL(consent.url).searchParams.get("state") ?? "",
      adminEmail: members.admin.email,
      method: method.id,
      invitation: invitation.id,
      invitationToken,
      owner: owner.id,
      ownerEmail: owner.email,
      leaving: gone.id,
      viewer: members.viewer.id,
      maskedName: name,
      viewerEmail: members.viewer.email,
      newEmail: `new-${randomUUID()}@example.org`,
      session: other.id,
      token: token.id,
      projectToken: reader.id,
      appCode: digitsAt(secret),
      backupCode: guarded.codes[0] ?? "",
      newId: randomUUID(),
      otherNewId: randomUUID(),
    },
  };
}

/** The headers of a browser where the user has just signed in. */
export const signedIn = async (user: { id: string }): Promise<Record<string, string>> =>
  cookieOf(await createSession(testDatabase().db, { userId: user.id, userAgent: "fuzz" }));

const cookieOf = async (session: { id: string; userId: string }): Promise<Record<string, string>> => ({
  cookie: `${sessionCookieName()}=${await sessionCookieValue(session)}`,
});

type TokenKind = Partial<Parameters<typeof createToken>[1]>;

async function bearer(user: TestUser, kind: TokenKind = {}): Promise<Record<string, string>> {
  const { token } = await createToken(userContextFor(user), { name: "fuzz", ...kind });
  return { authorization: `Bearer ${token}` };
}

async function ownersTokens(owner: TestUser, project: { id: string }) {
  const other = await createTestProject({ owner });
  return {
    read: await bearer(owner, { scopes: ["read"] }),
    write: await bearer(owner, { scopes: ["write"] }),
    deploy: await bearer(owner, { scopes: ["deploy"] }),
    run: await bearer(owner, { scopes: ["run"] }),
    bound: await bearer(owner, { projectIds: [project.id] }),
    elsewhere: await bearer(owner, { projectIds: [other.id] }),
  };
}

const code = { body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" };
const adaptors = { resolveAdaptor: async (_: string, version: string) => ({ version }) };

async function createFlow(
  ctx: Parameters<typeof saveWorkflow>[0],
  projectCredentialId: string,
  libraryJobId: string,
) {
  const [workflow, trigger, webhook, cron, job, second] = [0, 1, 2, 3, 4, 5].map(() => randomUUID());
  if (!workflow || !trigger || !webhook || !cron || !job || !second) throw new Error("unreachable");
  await saveWorkflow(
    ctx,
    {
      id: workflow,
      name: "Visit",
      triggers: [
        { id: trigger, type: "message_filter", inclusion: { form: "visit" } },
        { id: webhook, type: "webhook", enabled: false },
        { id: cron, type: "cron", enabled: false },
      ],
      jobs: [
        { ...code, id: job, name: "First", projectCredentialId },
        { ...code, id: second, name: "Second", libraryJobId, libraryVersion: 1 },
      ],
      edges: [
        { id: randomUUID(), sourceTriggerId: trigger, targetJobId: job, conditionType: "always" },
        { id: randomUUID(), sourceTriggerId: cron, targetJobId: job, conditionType: "always" },
        { id: randomUUID(), sourceJobId: job, targetJobId: second, conditionType: "always" },
      ],
      positions: { [job]: { x: 1, y: 2 } },
    },
    adaptors,
  );
  return { workflow, trigger, webhook, cron, job, second };
}

async function send(inboxId: string, name: string): Promise<string> {
  const said = encodeURIComponent(name);
  const answer = await accept(
    {
      method: "POST",
      segments: [inboxId, "more", said],
      search: `?a=1&a=2&b=3&who=${said}`,
      headers: { "content-type": "application/json", "idempotency-key": randomUUID(), "x-who": said },
      body: (async function* () {
        yield new TextEncoder().encode(
          JSON.stringify({ form: "visit", patient: { name }, note: `about ${name}`, [name]: 1 }),
        );
      })(),
    },
    { query: testDatabase().query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  return answer.accepted?.messageId ?? "";
}

/** The issue of a failed step, which says a name. Returns its id, and the work order that it affects. */
async function makeIssue(stepId: string, name: string): Promise<{ issue: string; order: string }> {
  const { query } = testDatabase();
  const [made] = await query<{ issue: string; order: string }>(
    `with failed as (
       select r.project_id, r.workflow_id, r.work_order_id, r.message_id, r.id as run_id, s.id as step_id, s.job_id, s.job_name
       from steps s join runs r on r.id = s.run_id and r.project_id = s.project_id where s.id = $1
     ),
     issue as (
       insert into issues (project_id, workflow_id, job_id, job_name, error_type, title, fingerprint, run_state, first_seen_at,
         last_seen_at, last_run_id, last_step_id, first_message_id, first_work_order_id, count)
       select project_id, workflow_id, job_id, job_name, 'JobError', $2, 'one', 'failed', now(), now(), run_id, step_id, message_id,
         work_order_id, 1 from failed returning id
     ),
     day as (
       insert into issue_days (issue_id, day, project_id, count) select issue.id, '2026-11-25', project_id, 1 from issue, failed
     )
     insert into issue_orders (issue_id, work_order_id, project_id, message_id, run_id, step_id, failed_at)
     select issue.id, work_order_id, project_id, message_id, run_id, step_id, now() from issue, failed
     returning issue_id as issue, work_order_id as order`,
    [stepId, `No patient ${name}`],
  );
  if (!made) throw new Error("The issue was not made.");
  return made;
}

/** A message that comes while the project's plan has no run left. Returns its work order's id. */
async function reject(project: { id: string; inboxId: string }, name: string): Promise<string> {
  const plan = (runs: number | null) =>
    testDatabase().query("update projects set runs_per_month = $2 where id = $1", [project.id, runs]);
  await plan(0);
  const message = await send(project.inboxId, name);
  await plan(null);
  const [order] = await testDatabase().query<{ id: string }>(
    "select id from work_orders where message_id = $1",
    [message],
  );
  return order?.id ?? "";
}

/** A request that was refused while the inbox was off; it is on again. */
async function refuse(project: { id: string; inboxId: string }, name: string): Promise<string> {
  const { query } = testDatabase();
  await query("update projects set inbox_enabled = false where id = $1", [project.id]);
  await send(project.inboxId, name);
  await query("update projects set inbox_enabled = true where id = $1", [project.id]);
  const [row] = await query<{ id: string }>("select id from refused_requests where project_id = $1", [
    project.id,
  ]);
  return row?.id ?? "";
}

/** Where notices of the project go, and one that could not be sent to it. */
async function addChannel(ctx: Context): Promise<{ channel: string; notice: string }> {
  const url = "https://hooks.example.org/secret-path";
  const { id: channel } = await createChannel(ctx, { name: "Ours", type: "webhook", url });
  const [notice] = await testDatabase()
    .db.insert(notices)
    .values({
      projectId: ctx.project.id,
      kind: "test",
      key: `test:${channel}`,
      channelId: channel,
      lane: channel,
      state: "failed",
      error: "It answered 500.",
    })
    .returning({ id: notices.id });
  return { channel, notice: notice?.id ?? "" };
}

async function runOf(messageId: string): Promise<string> {
  const [run] = await testDatabase().query<{ id: string }>("select id from runs where message_id = $1", [
    messageId,
  ]);
  return run?.id ?? "";
}

/** Runs the message: its first step succeeds with a log and a connection, its second fails with all that an error holds. */
async function execute(messageId: string, name: string) {
  const { db } = testDatabase();
  const runner = new ScriptedRunner(({ job }) =>
    job.name === "First"
      ? {
          output: JSON.stringify({ data: { from: "first", patient: { name }, greeting: `Hello ${name}` } }),
          connections: [
            {
              host: `${encodeURIComponent(name).toLowerCase()}.a.example`,
              port: 443,
              address: "1.2.3.4",
              bytesSent: 1,
              bytesReceived: 2,
              durationMs: 3.5,
            },
          ],
          peakMemoryMb: 12.5,
        }
      : failure("JobError", `no ${name}`),
  );
  const host = testExecutionHost(runner);
  const run = await runOf(messageId);
  await executeRun(host, run, (_, work) => work());
  const done = await db
    .select({ id: steps.id })
    .from(steps)
    .where(eq(steps.runId, run))
    .orderBy(steps.ordinal);
  const [step, failed] = done.map(({ id }) => id);
  if (!step || !failed) throw new Error("The run has not gone as it should.");
  await db
    .insert(logLines)
    .values({ stepId: step, seq: 0, at: new Date(), level: "info", source: "JOB", message: `hi ${name}` });
  await db.update(steps).set({ logLines: 1 }).where(eq(steps.id, step));
  // The ten-second rule would refuse every rerun.
  await testDatabase().query(
    "update steps set started_at = started_at - interval '1 minute' where run_id = $1",
    [run],
  );
  return { run, step, failed };
}

/** Says whether the world still has its people, its projects and its message. */
export async function stands({ things }: World): Promise<boolean> {
  const { message, owner, leaving, project, closing } = things;
  const [found] = await testDatabase().query<{ stands: boolean }>(
    `select exists (select from messages where id = $1)
       and exists (select from users where id = $2 and deletes_at is null)
       and exists (select from users where id = $3 and deletes_at is not null)
       and exists (select from projects where id = $4 and deletes_at is null)
       and exists (select from projects where id = $5 and deletes_at is not null) as stands`,
    [message, owner, leaving, project, closing],
  );
  return found?.stands ?? false;
}

/** A test of a draft that has ended, of which the person is said. */
async function testOf(draftId: string, projectId: string, name: string): Promise<string> {
  const { query } = testDatabase();
  const [test] = await query<{ id: string }>(
    `insert into test_runs (project_id, draft_id, revision, source, mode, state, input_of, input, error_type, error_message, finished_at)
     values ($1, $2, 1, 'hand', 'record', 'failed', 'json', $3, 'JobError', $4, now()) returning id`,
    [projectId, draftId, JSON.stringify({ data: { patient: { name } } }), `${name} is unknown`],
  );
  const content = {
    ...{
      input: JSON.stringify({ data: { patient: { name } } }),
      output: JSON.stringify({ data: { found: { patient: { name } } } }),
    },
    error: { type: "JobError", message: `${name} is unknown` },
    logs: [
      { seq: 0, at: new Date().toISOString(), level: "info", source: "JOB", message: `looking for ${name}` },
    ],
    requests: [
      {
        ...{ host: "example.org", port: 443, secure: true, method: "POST", path: `/${name}` },
        ...{ headers: { "x-name": name }, body: name },
      },
    ],
    connections: [],
  };
  await query(
    `insert into test_steps (test_run_id, ordinal, project_id, job_id, job_name, reason, error_type, content, finished_at)
     values ($1, 0, $2, gen_random_uuid(), 'Look', 'fail', 'JobError', $3, now())`,
    [test?.id, projectId, JSON.stringify(content)],
  );
  await query(
    "insert into draft_tests (draft_id, project_id, open_until) values ($1, $2, now() + interval '1 day')",
    [draftId, projectId],
  );
  return test?.id ?? "";
}
