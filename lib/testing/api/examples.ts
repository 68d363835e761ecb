import { randomUUID } from "node:crypto";
import { previewFiles } from "@/lib/domain/spec/preview";
import { newTrigger } from "@/lib/editor/graph";
import { env } from "@/lib/env";
import { sealRegistration } from "@/lib/runner/registration";
import { testDatabase } from "@/lib/testing/database";
import { contextFor } from "@/lib/testing/fixtures";
import { marker as at } from "./arbitrary";
import type { Caller } from "./world";

const workflow = {
  name: "another",
  triggers: [{ id: at("newId"), type: "webhook" }],
  jobs: [{ id: at("otherNewId"), name: "A", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" }],
  edges: [],
};
const yaml = `name: fuzzed
workflows:
  one:
    name: one
    jobs:
      a:
        name: A
        adaptor: "@openfn/language-common@3.3.4"
        body: fn(s => s)
    triggers:
      webhook:
        type: webhook
        enabled: true
    edges:
      webhook->a:
        source_trigger: webhook
        target_job: a
        condition_type: always
        enabled: true
`;

export type Example = {
  caller?: Caller;
  /** What has to be done first: names of things that the call needs. */
  prepare?: (things: Record<string, string>) => Promise<Record<string, string>>;
  query?: Record<string, string>;
  body?: unknown;
};

const keptDays = {
  messages: { success: 7, failure: 90 },
  dataclips: { success: null, failure: null },
  logs: { success: 7, failure: 90 },
  history: 365,
};

/** Looks at what the files of the example change. */
async function previewed({ owner = "", ownerEmail = "", project = "", projectName = "" }) {
  const ctx = contextFor({ id: owner, email: ownerEmail }, { id: project, name: projectName });
  const resolveAdaptor = async (_: string, version: string) => ({ version });
  return { specToken: (await previewFiles(ctx, { yaml }, { resolveAdaptor })).token };
}

/** One that has ended cannot be cancelled. */
async function waitingTest({ draft = "", project = "" }) {
  const [row] = await testDatabase().query<{ id: string }>(
    `insert into test_runs (project_id, draft_id, revision, source, mode, input_of) values ($1, $2, 1, 'hand', 'record', 'none') returning id`,
    [project, draft],
  );
  return { test: row?.id ?? "" };
}

/** A replay starts at a trigger; of a message that is not there it says so, and asks no runner. */
async function draftWithTrigger({ draft = "", project = "" }) {
  const id = randomUUID();
  await testDatabase().query(
    "update drafts set graph = jsonb_set(graph, '{triggers}', $3::jsonb) where id = $1 and project_id = $2",
    [draft, project, JSON.stringify([newTrigger(id, "webhook")])],
  );
  return { draftTrigger: id };
}

/** A test that is over, and of which nothing is run to compare it. */
async function sentTest({ draft = "", project = "" }) {
  const [row] = await testDatabase().query<{ id: string }>(
    `insert into test_runs (project_id, draft_id, revision, source, mode, input_of, state, finished_at) values ($1, $2, 1, 'hand', 'send', 'none', 'success', now()) returning id`,
    [project, draft],
  );
  return { test: row?.id ?? "" };
}

/** Calls that succeed where chance would hardly find one, by `METHOD path`. Without a caller the owner makes them, by token where one may. */
export const examples: Record<string, Example> = {
  "PATCH /api/account": { body: { name: "New" } },
  "DELETE /api/account": {
    caller: "session",
    body: { confirmEmail: at("ownerEmail"), deleteProjects: true },
  },
  "PATCH /api/account/notices": {
    body: { timeZone: "Africa/Nairobi", quietHours: { from: "22:00", to: "07:00" } },
  },
  "POST /api/account/restore": { caller: "leaving" },
  "POST /api/account/credentials": {
    body: { name: "new", schema: "raw", body: { a: [1, null, { b: "c" }] } },
  },
  "PUT /api/account/credentials/[credential]/environments/[env]": {
    caller: "session",
    body: { body: { a: 1 }, allowedHosts: ["staging.example.org"] },
  },
  "POST /api/credentials": {
    body: { name: "theirs", body: { a: "b" }, project_credentials: [{ project_id: at("project") }] },
  },
  "PUT /api/credentials/[credential]": {
    body: { name: "theirs", credential_bodies: [{ name: "main", body: { a: "b" } }] },
  },
  "PUT /api/projects/[project]": { body: { name: "fuzzed", description: "d" } },
  "POST /api/account/oauth-clients": {
    body: {
      name: "new",
      provider: "google",
      clientId: "a",
      clientSecret: "b",
      parameters: { hd: "c.example" },
    },
  },
  "PATCH /api/account/oauth-clients/[client]": { body: { scopes: "read write" } },
  "POST /api/account/oauth-clients/[client]/consent": { body: { name: "new" } },
  "POST /api/account/connections": { body: { state: at("consentState"), code: "abc" } },
  "POST /api/account/credential-transfers": {
    body: { credentialId: at("credential"), email: at("adminEmail") },
  },
  "PUT /api/account/password": { body: { next: "correct horse battery" } },
  "POST /api/account/reauthentication": { caller: "guarded", body: { code: at("backupCode") } },
  "DELETE /api/account/second-factor": { caller: "guarded", body: { code: at("backupCode") } },
  "POST /api/account/second-factor/backup-codes": { caller: "guarded" },
  "POST /api/account/second-factor/confirm": { caller: "settingUp", body: { code: at("appCode") } },
  "POST /api/auth/second-step": { caller: "half", body: { code: at("backupCode") } },
  "POST /api/account/tokens": {
    body: { name: "new", projectId: at("project"), expiresInDays: 1 },
  },
  "POST /api/auth/register": {
    body: { name: "New", email: at("newEmail"), password: "correct horse battery" },
  },
  "POST /api/invitations/accept": { caller: "stranger", body: { token: at("invitationToken") } },
  "POST /api/invitations/decline": { caller: "stranger", body: { invitationId: at("invitation") } },
  "GET /api/api/provision/yaml": { query: { id: at("project") } },
  "GET /api/provision/yaml": { query: { id: at("project") } },
  "POST /api/provision": { body: { id: at("newId"), name: "deployed", workflows: [] } },
  "POST /api/projects": { body: { from: "sample", name: "fuzzed" } },
  "POST /api/projects/import": { body: { yaml } },
  "POST /api/projects/import/preview": { body: { yaml } },
  "PATCH /api/projects/[project]/workflows/[id]": {
    body: { project_id: at("project"), name: "renamed" },
  },
  "PATCH /api/projects/[project]": {
    body: { description: "d", concurrency: 2, egressAllow: ["a.example:443"] },
  },
  "DELETE /api/projects/[project]": { body: { confirmName: at("projectName") } },
  "POST /api/projects/[project]/bulk-acts": {
    body: {
      name: "again",
      kind: "rerun",
      of: { target: "messages", filter: { state: "failure" } },
      maxRounds: 2,
    },
  },
  "PUT /api/projects/[project]/retention": { body: { retention: keptDays, persistence: "retain_all" } },
  "POST /api/projects/[project]/retention/preview": {
    body: { retention: keptDays, persistence: "retain_with_errors" },
  },
  "PATCH /api/projects/[project]/issues/[id]": { body: { state: "ignored", ignoredFor: 10 } },
  "POST /api/projects/[project]/issues/[id]/rerun": { body: { from: "start" } },
  "PATCH /api/projects/[project]/auth-methods/[method]/secret": { body: { oldEndsAt: null } },
  "POST /api/projects/[project]/bulk-acts/preview": { body: { kind: "rerun", of: { target: "messages" } } },
  "POST /api/projects/[project]/filter-preview": { body: { inclusion: { form: "visit" }, exclusion: null } },
  "POST /api/projects/[project]/redactions/preview": { body: { redactions: [{ path: "$.data.form" }] } },
  "GET /api/projects/[project]/adaptors/detail": { query: { name: "@openfn/language-common" } },
  "GET /api/projects/[project]/adaptors/versions": { query: { name: "@openfn/language-common" } },
  "POST /api/projects/[project]/adaptors/lookup": { body: { adaptor: "@openfn/language-common@3.3.5" } },
  "PUT /api/projects/[project]/jobs/[job]/adaptor": { body: { adaptor: "@openfn/language-common@3.3.5" } },
  "POST /api/projects/[project]/adaptors/upgrade": {
    body: { name: "@openfn/language-common", version: "3.3.5", apply: true },
  },
  "POST /api/projects/[project]/auth-methods": {
    body: { type: "basic", name: "new", username: "u", password: "password" },
  },
  "PATCH /api/projects/[project]/auth-methods/[method]": {
    body: { onInbox: true, triggerIds: [at("webhook")] },
  },
  "PUT /api/projects/[project]/auth-methods/[method]/secret": {
    body: { secret: "another-secret", oldEndsAt: null },
  },
  "POST /api/projects/[project]/credentials": { body: { credentialId: at("credential") } },
  "POST /api/projects/[project]/oauth-clients": { body: { oauthClientId: at("client") } },
  "POST /api/projects/[project]/dataclips": { body: { name: "another", json: { data: { a: [1, null] } } } },
  "PATCH /api/projects/[project]/dataclips/[id]": { body: { name: "renamed" } },
  "POST /api/projects/[project]/tokens": { body: { name: "new", scopes: ["read"], expiresInDays: 1 } },
  "POST /api/projects/[project]/dry-run": { body: { stepId: at("step") } },
  "POST /api/projects/[project]/invitations": { body: { email: at("newEmail"), role: "viewer" } },
  "POST /api/projects/[project]/collections": { body: { name: "new.collection" } },
  "PATCH /api/projects/[project]/collections/[collection]": { body: { name: "renamed" } },
  "POST /api/projects/[project]/keychains": {
    body: { name: "new", path: "$.data.region", defaultProjectCredentialId: at("projectCredential") },
  },
  "PATCH /api/projects/[project]/keychains/[keychain]": { body: { path: "$.data.items[*].region" } },
  "POST /api/projects/[project]/leave": { caller: "viewer" },
  "POST /api/projects/[project]/library": {
    body: { name: "new", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" },
  },
  "PATCH /api/projects/[project]/library/[entry]": { body: { description: "d" } },
  "POST /api/projects/[project]/library/[entry]/jobs": {
    body: { workflowId: at("workflow"), jobId: at("job") },
  },
  "POST /api/projects/[project]/library/[entry]/take-over": { body: { workflows: "all" } },
  "POST /api/projects/[project]/library/[entry]/versions": { body: { version: 1, body: "fn(x => x)" } },
  "PATCH /api/projects/[project]/members/[user]": { body: { role: "editor" } },
  "POST /api/projects/[project]/notice-channels": {
    body: { name: "On call", type: "slack", url: "https://hooks.slack.com/services/a/b/c" },
  },
  "PATCH /api/projects/[project]/notice-channels/[channel]": { body: { name: "Night", isOn: false } },
  "PATCH /api/projects/[project]/notice-rules/channels/[channel]": {
    body: { digest: "daily", timeZone: "Africa/Nairobi" },
  },
  "PATCH /api/projects/[project]/notice-rules/mine": {
    body: { workflowIds: [at("workflow")], statuses: ["lost"], digest: "weekly" },
  },
  "PUT /api/projects/[project]/owner": { body: { userId: at("viewer") } },
  "POST /api/projects/[project]/persons": {
    body: { keys: [{ text: "Amina" }, { path: "$.data.patient.name", value: "Amina" }] },
  },
  "GET /api/projects/[project]/persons/[person]/items": { query: { kind: "message" } },
  "POST /api/projects/[project]/persons/[person]/wipe": { body: { reason: "They asked for it" } },
  "POST /api/projects/[project]/certificates/[certificate]/check": { body: { key: { text: "amina" } } },
  "GET /api/projects/[project]/messages/search": { query: { text: "visit" } },
  "POST /api/projects/[project]/messages": { body: { body: '{"form":"visit"}' } },
  "POST /api/projects/[project]/messages/[id]/read-as": { body: { format: "text" } },
  "POST /api/projects/[project]/messages/[id]/resend": { body: { body: '{"form":"visit"}' } },
  "POST /api/projects/[project]/messages/[id]/reveal": {
    caller: "looking",
    body: { reason: "A question of the clinic" },
  },
  "POST /api/projects/[project]/runs/[id]/reveal": {
    caller: "looking",
    body: { reason: "A question of the clinic" },
  },
  "PUT /api/projects/[project]/protection": {
    body: { masks: ["$.patient"], maskedRoles: ["editor"], revealRoles: [], noDownloadRoles: ["viewer"] },
  },
  "POST /api/projects/[project]/spec/preview": { body: { yaml } },
  "PUT /api/projects/[project]/spec": { prepare: previewed, body: { yaml, token: at("specToken") } },
  "POST /api/projects/[project]/workflows/[id]/versions/[version]/restore": { body: { lockVersion: 1 } },
  "POST /api/projects/[project]/workflows/[id]/jobs/[job]/repair": {
    body: { lockVersion: 1, body: "fn(s => 2)" },
  },
  "POST /api/projects/[project]/workflows/[id]/runs": { body: { json: { data: {} } } },
  "POST /api/projects/[project]/workflows": { body: workflow },
  "POST /api/projects/[project]/workflows/[id]/draft/promote": {
    body: { revision: 1, lockVersion: 1, note: "Better" },
  },
  "PUT /api/projects/[project]/workflows/[id]/enabled": { body: { lockVersion: 1, enabled: false } },
  "PUT /api/projects/[project]/workflows/[id]/name": { body: { lockVersion: 1, name: "Renamed" } },
  "POST /api/projects/[project]/workflows/[id]/duplicate": { body: { name: "A second one" } },
  "PUT /api/projects/[project]/workflows/[id]/draft": {
    body: { revision: 1, baseVersion: 1, graph: workflow, note: "Better" },
  },
  "PUT /api/projects/[project]/workflows/[id]/draft/test": {
    body: { isOpen: true, mode: "send", followsSchedule: false, renew: true },
  },
  "POST /api/projects/[project]/workflows/[id]/draft/tests": {
    body: {
      revision: 1,
      mode: "record",
      start: { jobId: at("draftJob"), alone: true },
      input: { messageId: at("message") },
    },
  },
  "POST /api/projects/[project]/workflows/[id]/draft/replay": {
    prepare: draftWithTrigger,
    body: { revision: 1, messageIds: [at("newId")], triggerId: at("draftTrigger") },
  },
  "POST /api/projects/[project]/workflows/[id]/tests/[test]/cancel": { prepare: waitingTest },
  "POST /api/projects/[project]/workflows/[id]/tests/[test]/compare": { prepare: sentTest },
  "PUT /api/projects/[project]/workflows/[id]": { body: { ...workflow, lockVersion: 1 } },
  "POST /api/runners": {
    get body() {
      return sealRegistration(env().RUNNER_TOKEN ?? "", {
        id: randomUUID(),
        name: "runner-2",
        address: "https://10.0.0.5:4000",
        fingerprint: null,
        capacity: 12,
        isDraining: false,
        at: Date.now(),
      });
    },
  },
};
