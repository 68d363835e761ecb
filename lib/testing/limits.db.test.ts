import { randomUUID } from "node:crypto";
import fs from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { authMethodLinks } from "@/lib/domain/auth-method/link";
import { bulkInput } from "@/lib/domain/bulk/schemas";
import { startBulk } from "@/lib/domain/bulk/start";
import { createCollections } from "@/lib/domain/collection/create";
import { putItems } from "@/lib/domain/collection/put-items";
import type { Context, UserContext } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { setCredentialEnvironment } from "@/lib/domain/credential/environment/set";
import { shareCredential } from "@/lib/domain/credential/share";
import { keepInput } from "@/lib/domain/dataclip/keep";
import { saveDraft } from "@/lib/domain/draft/save";
import { egressHosts } from "@/lib/domain/egress-hosts";
import { acceptInvitation } from "@/lib/domain/invitation/answer";
import { createInvitation } from "@/lib/domain/invitation/create";
import { createKeychain } from "@/lib/domain/keychain/create";
import { createLibraryJob } from "@/lib/domain/library/create";
import { getLibraryJob } from "@/lib/domain/library/get";
import { addLibraryVersion } from "@/lib/domain/library/new-version";
import { protection, unprotected } from "@/lib/domain/mask/protection";
import { transferProject } from "@/lib/domain/member/transfer";
import { messageFilter } from "@/lib/domain/message/filter";
import { createChannel } from "@/lib/domain/notice/channel/create";
import { startConsent } from "@/lib/domain/oauth-client/consent";
import { createOauthClient } from "@/lib/domain/oauth-client/create";
import { shareOauthClient } from "@/lib/domain/oauth-client/share";
import { pageInput, timelinePageInput } from "@/lib/domain/page";
import { findPersonInput, wipePersonInput } from "@/lib/domain/person/schemas";
import { findPerson } from "@/lib/domain/person/start";
import { createProject } from "@/lib/domain/project/create";
import { importProject } from "@/lib/domain/project/import";
import { createSampleProject } from "@/lib/domain/project/sample";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { listLogsInput } from "@/lib/domain/run/logs";
import { createToken } from "@/lib/domain/token/create";
import { nameInput, passwordInput } from "@/lib/domain/user/schemas";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import type { SaveWorkflowInput } from "@/lib/domain/workflow/schemas";
import { fromZod } from "@/lib/http/errors";
import { readBody } from "@/lib/http/input";
import { type LimitName, limits } from "@/lib/limits";
import { redactionRules } from "@/lib/redaction/rule";
import { largeJob } from "@/lib/runner/compiler/generate-for-tests";
import { testDatabase } from "@/lib/testing/database";
import { addTestMember, contextFor, createTestProject, createTestUser, userContextFor } from "./fixtures";

const database = testDatabase();
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
let user: Awaited<ReturnType<typeof createTestUser>>;
let own: UserContext;
let project: Awaited<ReturnType<typeof createTestProject>>;
let ctx: Context;

beforeEach(async () => {
  user = await createTestUser();
  own = userContextFor(user);
  project = await createTestProject({ owner: user });
  ctx = contextFor(user, project);
});

/**
 * `fill` brings what is counted to this many, behind the product's back; `add` adds one, or brings something of this
 * size. `size` counts in what the limit counts.
 */
type Case = { fill?: (count: number) => Promise<unknown>; add: (size: number) => unknown };
/** Where the limit is shown to hold instead: a test that names it. */
type Elsewhere = { in: string };

const sql = (text: string, ...values: unknown[]) => database.query(text, values);
const unique = () => `p-${randomUUID()}`;
const letters = (count: number) => "x".repeat(count);
const parse = (schema: z.ZodType, make: (size: number) => unknown): Case => ({
  add: (size) => schema.parse(make(size)),
});

const adaptor = "@openfn/language-common@3.3.4";
const newJob = (more: object = {}) => ({
  id: randomUUID(),
  name: unique(),
  body: "fn(s => s)",
  adaptor,
  ...more,
});
const jobs = (count: number, more: object = {}) => Array.from({ length: count }, () => newJob(more));
const save = (more: Partial<SaveWorkflowInput>) =>
  saveWorkflow(ctx, { name: unique(), triggers: [], jobs: [], edges: [], ...more }, deps);
const newEntry = (body: string) => createLibraryJob(ctx, { name: unique(), body, adaptor }, deps);
let entry: string;
let credential: string;
const filter = (inclusion: unknown) =>
  save({ triggers: [{ id: randomUUID(), type: "message_filter", inclusion } as never] });
const nested = (levels: number): unknown =>
  JSON.parse(`${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`);

/** A collection that says it holds so much. */
let collection: string;
let letter = 0;
const holdingItems = async (items: number, bytes: number) => {
  [{ id: collection } = { id: "" }] = await database.query<{ id: string }>(
    "insert into collections (project_id, name, items, bytes) values ($1, 'c', $2, $3) returning id",
    [project.id, items, bytes],
  );
};
const addItem = (item: { key?: string; value?: string } = {}) =>
  putItems(ctx, collection, [{ key: String.fromCharCode(97 + letter++), value: "", ...item }]);

/** One workflow that holds what is counted, so that few things have to be made. */
const holding = (insert: string) => async (count: number) => {
  const id = randomUUID();
  await sql(
    "insert into workflows (id, project_id, name) values ($1, $2, gen_random_uuid()::text)",
    id,
    project.id,
  );
  if (count > 0) await sql(insert, project.id, id, count);
};
const someJobs = `insert into jobs (id, project_id, workflow_id, name, body, adaptor, adaptor_version)
  select gen_random_uuid(), $1, $2, 'j' || n, 'x', 'a', '1.0.0' from generate_series(1, $3::int) n`;
const someTriggers = (type: string) => `insert into triggers (id, project_id, workflow_id, type, enabled)
  select gen_random_uuid(), $1, $2, '${type}', false from generate_series(1, $3::int) n`;
const aTrigger = (type: "webhook" | "cron" | "message_filter") => () =>
  save({
    triggers: [{ id: randomUUID(), type, ...(type === "cron" ? { cronExpression: "0 0 * * *" } : {}) }],
  });

const newClient = () =>
  createOauthClient(own, { name: unique(), provider: "google", clientId: "c", tokenAuth: "none" });

const yamlOf = (lines: string[]) => ["name: x", ...lines, "workflows:", "  w: {}", ""].join("\n");
const importOf = (yaml: string, files: Record<string, string> = {}) =>
  importProject(own, { yaml, files, name: unique() }, deps);
const request = (body: string, size: LimitName) =>
  readBody(z.any(), new Request("http://x", { method: "POST", body }), size);
const padded = (text: string, size: number) => text + " ".repeat(size - Buffer.byteLength(text));

const keepDraft = async (more: { note?: string }) => {
  const { id } = await save({});
  const graph = { name: "w", triggers: [], jobs: [], edges: [] };
  return saveDraft(ctx, { workflowId: id, revision: null, baseVersion: 1, graph, ...more });
};

const cases: Record<LimitName, Case | Elsewhere> = {
  documentRecords: { in: "lib/domain/provision/hostile.db.test.ts" },
  issuesOfJob: { in: "lib/domain/issue/collect.db.test.ts" },
  refusedRequests: { in: "lib/inbox/refused.db.test.ts" },
  refusedBytes: { in: "lib/inbox/refused.db.test.ts" },
  refusedBody: { in: "lib/inbox/refused.db.test.ts" },
  projectsOwned: {
    fill: (count) =>
      sql(
        `with made as (insert into projects (name) select 'p' from generate_series(2, $2::int) returning id)
         insert into project_members (project_id, user_id, role) select id, $1, 'owner' from made`,
        user.id,
        count,
      ),
    add: () => createProject(own, { name: unique() }),
  },
  credentialsOwned: {
    fill: (count) =>
      sql(
        "insert into credentials (id, owner_id, name, body) select gen_random_uuid(), $1, 'c' || n, '' from generate_series(1, $2::int) n",
        user.id,
        count,
      ),
    add: () => createCredential(own, { name: unique(), body: {} }),
  },
  credentialEnvironments: {
    fill: async (count) => {
      credential = (await createCredential(own, { name: unique(), body: {} })).id;
      await sql(
        "insert into credential_bodies (credential_id, env, body) select $1::uuid, 'e' || n, '' from generate_series(1, $2::int) n",
        credential,
        count,
      );
    },
    add: () =>
      setCredentialEnvironment(own, { credentialId: credential, env: unique().slice(0, 20), body: {} }),
  },
  collections: {
    fill: (count) =>
      sql(
        "insert into collections (project_id, name) select $1::uuid, 'c' || n from generate_series(1, $2::int) n",
        project.id,
        count,
      ),
    add: () => createCollections(ctx, [{ id: randomUUID(), name: unique() }]),
  },
  collectionItems: {
    fill: (count) => holdingItems(count, 0),
    add: () => addItem(),
  },
  collectionBytes: {
    fill: (count) => holdingItems(1, count),
    add: () => addItem(),
  },
  collectionName: { add: (size) => createCollections(ctx, [{ id: randomUUID(), name: letters(size) }]) },
  collectionKey: {
    fill: () => holdingItems(0, 0),
    add: (size) => addItem({ key: letters(size) }),
  },
  collectionValue: {
    fill: () => holdingItems(0, 0),
    add: (size) => addItem({ value: letters(size) }),
  },
  collectionBatch: {
    fill: () => holdingItems(0, 0),
    add: (size) =>
      putItems(
        ctx,
        collection,
        Array.from({ length: size }, (_, n) => ({ key: `k${n}`, value: "" })),
      ),
  },
  keychains: {
    fill: (count) =>
      sql(
        "insert into keychain_credentials (project_id, name, path) select $1::uuid, 'k' || n, '$' from generate_series(1, $2::int) n",
        project.id,
        count,
      ),
    add: () => createKeychain(ctx, { name: unique(), path: "$.data.id" }),
  },
  oauthClientsOwned: {
    fill: (count) =>
      sql(
        `insert into oauth_clients (owner_id, name, provider, client_id, token_auth, authorization_url, token_url, scopes, parameters)
         select $1, 'o' || n, 'google', 'c', 'none', '', '', '', '{}' from generate_series(1, $2::int) n`,
        user.id,
        count,
      ),
    add: () => newClient(),
  },
  sharedOauthClients: {
    fill: (count) =>
      sql(
        `with made as (insert into oauth_clients (owner_id, name, provider, client_id, token_auth, authorization_url, token_url, scopes, parameters)
           select $2::uuid, 's' || n, 'google', 'c', 'none', '', '', '', '{}' from generate_series(1, $3::int) n returning id)
         insert into project_oauth_clients (project_id, oauth_client_id) select $1::uuid, id from made`,
        project.id,
        user.id,
        count,
      ),
    add: async () => shareOauthClient(ctx, { oauthClientId: (await newClient()).id }),
  },
  consentsOpen: {
    fill: async (count) => {
      const { id } = await newClient();
      return sql(
        `insert into oauth_consents (state_hash, user_id, oauth_client_id, name, verifier, expires_at)
         select 'h' || n || $2, $1, $2::uuid, 'n', '', now() + interval '5 minutes' from generate_series(1, $3::int) n`,
        user.id,
        id,
        count,
      );
    },
    add: async () =>
      startConsent(own, { oauthClientId: (await newClient()).id, name: unique() }, "http://x.example"),
  },
  apiTokens: {
    fill: (count) =>
      sql(
        `insert into api_tokens (user_id, name, token_hash, revoked_at)
         select $1::uuid, 't', $1::text || n, case when n > $2::int then now() end from generate_series(1, $2::int + 5) n`,
        user.id,
        count,
      ),
    add: () => createToken(own, { name: "t" }),
  },
  projectTokens: {
    fill: (count) =>
      sql(
        `insert into project_tokens (project_id, name, scopes, token_hash, revoked_at)
         select $1::uuid, 't', '{read}', $1::text || n, case when n > $2::int then now() end from generate_series(1, $2::int + 5) n`,
        project.id,
        count,
      ),
    add: () => createProjectToken(ctx, { name: "t", scopes: ["read"] }),
  },
  personName: parse(nameInput, letters),
  password: parse(passwordInput, letters),
  projectName: { add: (size) => createProject(own, { name: letters(size) }) },
  description: { add: (size) => createProject(own, { name: unique(), description: letters(size) }) },
  workflows: {
    fill: (count) =>
      sql(
        "insert into workflows (id, project_id, name) select gen_random_uuid(), $1, 'w' || n from generate_series(1, $2::int) n",
        project.id,
        count,
      ),
    add: () => save({}),
  },
  projectJobs: { fill: holding(someJobs), add: () => save({ jobs: jobs(1) }) },
  projectTriggers: { fill: holding(someTriggers("webhook")), add: aTrigger("webhook") },
  projectCrons: { fill: holding(someTriggers("cron")), add: aTrigger("cron") },
  projectFilters: { fill: holding(someTriggers("message_filter")), add: aTrigger("message_filter") },
  projectFilterBytes: {
    // `{"f": "…"}` and nine bytes of it are not the text; `{"a": 1}` is added, eight bytes.
    fill: (count) =>
      holding(
        `insert into triggers (id, project_id, workflow_id, type, inclusion)
         values (gen_random_uuid(), $1, $2, 'message_filter', jsonb_build_object('f', repeat('x', $3::int - 16)))`,
      )(count),
    add: () => filter({ a: 1 }),
  },
  projectFilterItems: {
    fill: (count) =>
      holding(
        `insert into triggers (id, project_id, workflow_id, type, inclusion)
         select gen_random_uuid(), $1, $2, 'message_filter', jsonb_build_object('a', jsonb_agg(n)) from generate_series(1, $3::int) n`,
      )(count),
    add: () => filter({ a: [1] }),
  },
  projectCode: {
    fill: (count) =>
      holding(
        `insert into jobs (id, project_id, workflow_id, name, body, adaptor, adaptor_version)
         values (gen_random_uuid(), $1, $2, 'j', repeat('x', $3::int - 9), 'a', '1.0.0')`,
      )(count),
    add: () => save({ jobs: jobs(1) }),
  },
  members: {
    fill: (count) =>
      sql(
        `with made as (insert into users (name, email) select 'u', gen_random_uuid() || '@example.org' from generate_series(2, $2::int) returning id)
         insert into project_members (project_id, user_id, role) select $1, id, 'viewer' from made`,
        project.id,
        count,
      ),
    add: async () => {
      const guest = await createTestUser();
      await sql("update users set email_verified = now() where id = $1", guest.id);
      const { id } = await createInvitation(ctx, { email: guest.email, role: "viewer" });
      return acceptInvitation(userContextFor(guest), { invitationId: id });
    },
  },
  invitations: {
    fill: (count) =>
      sql(
        `insert into invitations (project_id, email, role, token_hash, expires_at)
         select $1::uuid, n || '@example.org', 'viewer', $1::text || n, now() + interval '1 day' from generate_series(1, $2::int) n`,
        project.id,
        count,
      ),
    add: () => createInvitation(ctx, { email: `${unique()}@example.org`, role: "viewer" }),
  },
  noticeChannels: {
    fill: (count) =>
      sql(
        `insert into notice_channels (project_id, name, type, target, host)
         select $1::uuid, 'c' || n, 'slack', '', 'example.org' from generate_series(1, $2::int) n`,
        project.id,
        count,
      ),
    add: () =>
      createChannel(contextFor(user, project), {
        name: unique(),
        type: "slack",
        url: "https://hooks.slack.com/services/x",
      }),
  },
  authMethods: {
    fill: (count) =>
      sql(
        `insert into auth_methods (project_id, name, type, secret, digest)
         select $1::uuid, 'm' || n, 'api', '', $1::text || n from generate_series(1, $2::int) n`,
        project.id,
        count,
      ),
    add: () => createAuthMethod(ctx, { type: "api", name: unique() }),
  },
  sharedCredentials: {
    fill: (count) =>
      sql(
        `with made as (insert into credentials (id, owner_id, name, body)
           select gen_random_uuid(), $2::uuid, 's' || n, '' from generate_series(1, $3::int) n returning id)
         insert into project_credentials (id, project_id, credential_id) select gen_random_uuid(), $1::uuid, id from made`,
        project.id,
        user.id,
        count,
      ),
    add: async () => {
      const { id } = await createCredential(own, { name: unique(), body: {} });
      return shareCredential(ctx, { credentialId: id });
    },
  },
  bulkActs: {
    fill: (count) =>
      sql(
        `insert into bulk_acts (project_id, name, kind, target, state, until, total, is_more, created_by_label)
         select $1, 'b', 'rerun', 'messages', 'paused', uuid_v7(), 0, false, 'me' from generate_series(1, $2::int)`,
        project.id,
        count,
      ),
    add: () => startBulk(ctx, { name: unique(), kind: "rerun", of: { target: "messages" } }),
  },
  bulkIds: parse(bulkInput, (size) => ({
    kind: "rerun",
    of: { target: "messages", ids: Array.from({ length: size }, () => randomUUID()) },
  })),
  redactions: parse(redactionRules, (size) =>
    Array.from({ length: size }, (_, n) => ({ path: `$.data.a${n}` })),
  ),
  personRequests: {
    fill: (count) =>
      sql(
        `insert into person_requests (project_id, state, key_count, until, created_by_label)
         select $1, 'found', 1, uuid_v7(), 'me' from generate_series(1, $2::int)`,
        project.id,
        count,
      ),
    add: () => findPerson(ctx, { keys: [{ text: "Amina" }] }),
  },
  personKeys: parse(findPersonInput, (size) => ({
    keys: Array.from({ length: size }, (_, i) => ({ text: `Amina ${i}` })),
  })),
  personKey: parse(findPersonInput, (size) => ({ keys: [{ text: letters(size) }] })),
  personItems: { in: "lib/domain/person/person.db.test.ts" },
  personLeft: parse(wipePersonInput, (size) => ({
    id: randomUUID(),
    reason: "They asked for it",
    leave: Array.from({ length: size }, (_, i) => i + 1),
  })),
  projectHosts: parse(egressHosts, (size) => Array.from({ length: size }, (_, i) => `h${i}.example.org`)),
  workflowJobs: { add: (size) => save({ jobs: jobs(size) }) },
  workflowTriggers: {
    add: (size) =>
      save({
        triggers: Array.from({ length: size }, () => ({ id: randomUUID(), type: "webhook", enabled: false })),
      }),
  },
  workflowEdges: {
    add: (size) => {
      const [a, b] = [newJob(), newJob()];
      const edge = () => ({
        id: randomUUID(),
        sourceJobId: a.id,
        targetJobId: b.id,
        conditionType: "always" as const,
      });
      return save({ jobs: [a, b], edges: Array.from({ length: size }, edge) });
    },
  },
  workflowCode: {
    add: (size) =>
      save({
        jobs: [
          newJob({ body: letters(limits.jobCode) }),
          newJob({ body: letters(limits.jobCode - 1) }),
          newJob({ body: letters(size - 2 * limits.jobCode + 1) }),
        ],
      }),
  },
  drafts: {
    fill: async (count) => {
      await sql(
        "insert into workflows (project_id, name, lock_version) select $1, 'w' || n, 1 from generate_series(1, $2::int) n",
        project.id,
        count,
      );
      await sql(
        `insert into drafts (project_id, workflow_id, user_id, base_version, graph)
         select project_id, id, $2, 1, '{}' from workflows where project_id = $1`,
        project.id,
        user.id,
      );
    },
    add: async () => keepDraft({}),
  },
  versionNote: { add: (size) => keepDraft({ note: letters(size) }) },
  libraryJobs: {
    fill: (count) =>
      sql(
        `insert into library_jobs (project_id, name, version) select $1, 'e' || n, 1 from generate_series(1, $2::int) n`,
        project.id,
        count,
      ),
    add: () => newEntry("fn(s => s)"),
  },
  libraryVersions: {
    fill: async (count) => {
      entry = (await newEntry("v0")).id;
      await sql(
        `insert into library_versions (project_id, library_job_id, version, body, adaptor, adaptor_version)
         select $1, $2, n, 'v', $4, '3.3.4' from generate_series(2, $3::int) n`,
        project.id,
        entry,
        count,
        adaptor,
      );
      await sql("update library_jobs set version = $2 where id = $1", entry, count);
    },
    add: async () => {
      const { version } = await getLibraryJob(ctx, entry);
      return addLibraryVersion(ctx, { id: entry, version, body: unique() }, deps);
    },
  },
  libraryCode: {
    // Ten bytes are added.
    fill: async (count) => {
      const { id } = await newEntry("x");
      await sql(
        `insert into library_versions (project_id, library_job_id, version, body, adaptor, adaptor_version)
         select $1, $2, n, repeat('x', ($3::int - 10) / 20 + case when n = 2 then ($3::int - 10) % 20 else 0 end), 'a', '1.0.0'
         from generate_series(2, 21) n`,
        project.id,
        id,
        count,
      );
    },
    add: () => newEntry("fn(s => s)"),
  },
  maskPaths: parse(protection, (size) => ({
    ...unprotected,
    masks: Array.from({ length: size }, (_, n) => `$.a${n}`),
  })),
  savedInputs: {
    fill: (count) =>
      sql(
        `insert into dataclips (project_id, type, name, body, size)
         select $1, 'saved_input', 'i' || n, '{}', 2 from generate_series(1, $2::int) n`,
        project.id,
        count,
      ),
    add: () => keepInput(ctx, { name: unique(), json: {} }),
  },
  inputName: { add: (size) => keepInput(ctx, { name: letters(size), json: {} }) },
  itemName: { add: (size) => save({ name: letters(size) }) },
  jobCode: {
    add: (size) => save({ jobs: [newJob({ body: `//${"é".repeat((size - 2) / 2)}${letters(size % 2)}` })] }),
  },
  codeTokens: {
    add: (size) =>
      save({ jobs: [newJob({ body: `${"a;".repeat(Math.floor(size / 2))}${size % 2 ? "a" : ""}//-` })] }),
  },
  condition: {
    add: (size) => {
      const [a, b] = [newJob(), newJob()];
      const conditionExpression = padded("true", size);
      return save({
        jobs: [a, b],
        edges: [
          {
            id: randomUUID(),
            sourceJobId: a.id,
            targetJobId: b.id,
            conditionType: "js_expression",
            conditionExpression,
          },
        ],
      });
    },
  },
  filterBytes: { add: (size) => filter({ a: letters(size - 8) }) },
  filterLevels: { add: (size) => filter(nested(size)) },
  authMethodTriggers: parse(authMethodLinks, (size) => ({
    authMethodId: randomUUID(),
    triggerIds: Array.from({ length: size }, () => randomUUID()),
  })),
  externalId: {
    add: (size) => createCredential(own, { name: unique(), body: {}, externalId: letters(size) }),
  },
  keychainName: { add: (size) => createKeychain(ctx, { name: letters(size), path: "$.data.id" }) },
  credentialName: { add: (size) => createCredential(own, { name: letters(size), body: {} }) },
  credentialBody: {
    add: (size) => createCredential(own, { name: unique(), body: { a: letters(size - 8) } }),
  },
  yamlBytes: { add: (size) => importOf(padded(yamlOf([]), size)) },
  yamlEntries: {
    add: (size) => importOf(yamlOf(["x-notes:", ...Array.from({ length: size - 4 }, () => "- a")])),
  },
  yamlLevels: {
    add: (size) => importOf(yamlOf([`x-notes: ${"[".repeat(size - 1)}${"]".repeat(size - 1)}`])),
  },
  yamlTokens: {
    add: (size) =>
      importOf(yamlOf([letters(0), "# a\n".repeat(size / 2 - 20)]) + "# a\n".repeat(size % 2 ? 40 : 0)),
  },
  yamlAliases: { add: (size) => importOf(yamlOf([`x-notes: [${"!!str a,".repeat(size)}]`])) },
  importFiles: {
    add: (size) =>
      importOf(yamlOf([]), Object.fromEntries(Array.from({ length: size }, (_, i) => [`f${i}`, ""]))),
  },
  importBytes: {
    add: (size) => {
      const yaml = yamlOf([]);
      const file = letters(limits.jobCode - 100);
      const rest = letters(size - 4 * file.length - yaml.length);
      return importOf(yaml, { a: file, b: file, c: file, d: file, e: rest });
    },
  },
  requestBytes: { add: (size) => request(padded("{}", size), "requestBytes") },
  largeRequestBytes: { add: (size) => request(padded("{}", size), "largeRequestBytes") },
  requestLevels: { add: (size) => request("[".repeat(size) + "]".repeat(size), "requestBytes") },
  requestValues: { add: (size) => request(`[${"1,".repeat(size - 2)}1]`, "requestBytes") },
  page: parse(pageInput, (limit) => ({ limit })),
  timelinePage: parse(timelinePageInput, (limit) => ({ limit })),
  logPage: parse(listLogsInput.pick({ limit: true }), (limit) => ({ limit })),
  searchText: parse(messageFilter.pick({ text: true }), (size) => ({ text: letters(size) })),
  messageLevels: { in: "lib/inbox/accept.db.test.ts" },
  messageContainers: { in: "lib/testing/processable.system.test.ts" },
  messageKeys: { in: "lib/testing/processable.system.test.ts" },
  redactedValues: { in: "lib/redaction/redact.test.ts" },
  messageFields: { in: "lib/body/fields.test.ts" },
  messageFieldLevels: { in: "lib/body/fields.test.ts" },
  messageParts: { in: "lib/body/multipart.test.ts" },
  messageElements: { in: "lib/body/xml.test.ts" },
  messageCodings: { in: "lib/body/codings.test.ts" },
  inflatedBytes: { in: "lib/body/codings.test.ts" },
  inflatedMembers: { in: "lib/body/inflate.test.ts" },
  projectWaitingSenders: { in: "lib/inbox/callers.test.ts" },
  waitingRuns: { in: "lib/queue/backlogs.db.test.ts" },
  waitingSenders: { in: "lib/inbox/callers.test.ts" },
  stateBytes: { in: "lib/runner/testing/attacks.system.test.ts" },
  keptStateBytes: { in: "lib/testing/handed-on.db.test.ts" },
  logLines: { in: "lib/runner/testing/attacks.system.test.ts" },
  logBytes: { in: "lib/runner/testing/attacks.system.test.ts" },
  connections: { in: "lib/runner/egress/egress.system.test.ts" },
  networkBytes: { in: "lib/runner/egress/egress.system.test.ts" },
  testSteps: { in: "lib/domain/test-run/test-run.db.test.ts" },
  testBytes: { in: "lib/domain/test-run/test-run.db.test.ts" },
  testInput: { in: "lib/domain/test-run/test-run.db.test.ts" },
  testsWaiting: { in: "lib/domain/test-run/test-run.db.test.ts" },
  testsKept: { in: "lib/domain/test-run/test-run.db.test.ts" },
  replayMessages: { in: "lib/domain/test-run/replay.db.test.ts" },
  replayBatch: { in: "lib/domain/test-run/replay.db.test.ts" },
  testsPerMinute: { in: "lib/domain/test-run/test-run.db.test.ts" },
  dryRunLogLines: { in: "lib/domain/run/dry-run.db.test.ts" },
};

const sentenceOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return "accepted";
  } catch (error) {
    return error instanceof z.ZodError
      ? fromZod(error).message
      : error instanceof Error
        ? error.message
        : "?";
  }
};

describe("every limit", { timeout: 60_000 }, () => {
  test.each(Object.keys(cases) as LimitName[])(
    "%s: so many are taken, one more is refused in a sentence",
    async (name) => {
      const one = cases[name];
      if ("in" in one) return expect(fs.existsSync(one.in)).toBe(true);
      const most = limits[name];
      await one.fill?.(most - 1);
      expect(await sentenceOf(() => one.add(most))).toBe("accepted");
      const said = await sentenceOf(() => one.add(most + 1));
      expect(said).toMatch(new RegExp(`${most}|${most.toLocaleString("en-US")}`));
    },
  );
});

test("every door by which somebody comes to own a project counts", async () => {
  const one = cases.projectsOwned;
  if ("fill" in one) await one.fill?.(limits.projectsOwned);
  const other = await createTestUser();
  const theirs = await createTestProject({ owner: other });
  await addTestMember(theirs, "admin", user);
  for (const door of [
    () => importOf(yamlOf([])),
    () => createSampleProject(own, { name: unique() }, deps),
    () => transferProject(contextFor(other, theirs), { userId: user.id }),
  ])
    expect(await sentenceOf(door)).toContain("has 501 projects; at most 500 are allowed");
});

test("of saves at the same time only as many pass as there is room for", async () => {
  const one = cases.projectJobs;
  if ("fill" in one) await one.fill?.(limits.projectJobs - 2);
  const said = await Promise.all(Array.from({ length: 6 }, () => sentenceOf(() => save({ jobs: jobs(1) }))));
  expect(said.filter((one) => one === "accepted")).toHaveLength(2);
  expect(said.filter((one) => one.includes("at most 2,000 are allowed"))).toHaveLength(4);
});

test("what is there beyond a limit may be changed and shrink, but not grow", async () => {
  const trigger = { id: randomUUID(), type: "message_filter" as const, inclusion: { a: "b" } as object };
  const workflow = { name: unique(), triggers: [trigger], jobs: [], edges: [] };
  const { id, snapshotId } = await saveWorkflow(ctx, workflow as SaveWorkflowInput, deps);
  const large = { a: letters(limits.filterBytes * 2) };
  await sql("update triggers set inclusion = $2 where id = $1", trigger.id, JSON.stringify(large));
  await sql(
    "update snapshots set graph = jsonb_set(graph, '{triggers,0,inclusion}', $2::jsonb) where id = $1",
    snapshotId,
    JSON.stringify(large),
  );
  const saved = (inclusion: object, lockVersion: number) =>
    sentenceOf(() =>
      saveWorkflow(
        ctx,
        { ...workflow, id, lockVersion, name: unique(), triggers: [{ ...trigger, inclusion } as never] },
        deps,
      ),
    );
  expect(await saved(large, 1)).toBe("accepted");
  expect(await saved({ a: `${large.a}x` }, 2)).toContain(
    "bytes of message filter; at most 65,536 are allowed",
  );
  expect(await saved({ a: large.a.slice(1) }, 2)).toBe("accepted");
});

test("a refused import says it before it is parsed, and leaves nothing", async () => {
  const keys = Array.from({ length: 50_000 }, (_, i) => `  w${i}: {}`);
  const said = await sentenceOf(() => importOf(`name: x\nworkflows:\n${keys.join("\n")}\n`));
  expect(said).toContain("more than the 20,000 keys and list items that are allowed");
  expect(await sql("select 1 from project_members where user_id = $1", user.id)).toHaveLength(1);
});

test("code of the greatest length comes in by YAML and by file as it was written", async () => {
  const [inline, file] = [largeJob(1_070_000), largeJob(limits.jobCode)];
  const job = (key: string, body: string[]) => [`      ${key}:`, `        adaptor: "${adaptor}"`, ...body];
  const block = inline.split("\n").map((line) => `          ${line}`);
  const yaml = [
    ...["name: x", "workflows:", "  w:", "    jobs:"],
    ...job("inline", ["        body: |-", ...block]),
    ...job("file", ["        body:", "          path: ./load.js", ""]),
  ];
  const imported = await importOf(yaml.join("\n"), { "load.js": file });
  const bodies = await sql("select body from jobs where project_id = $1 order by name", imported.project.id);
  expect(bodies.map(({ body }) => body === inline || body === file)).toEqual([true, true]);
});
