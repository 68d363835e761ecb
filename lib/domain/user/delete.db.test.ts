import { beforeAll, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { offerCredential } from "@/lib/domain/credential-transfer/offer";
import { saveDraft } from "@/lib/domain/draft/save";
import { createInvitation } from "@/lib/domain/invitation/create";
import { transferProject } from "@/lib/domain/member/transfer";
import { queueNotices } from "@/lib/domain/notice/queue";
import { startConsent } from "@/lib/domain/oauth-client/consent";
import { createOauthClient } from "@/lib/domain/oauth-client/create";
import { getProject } from "@/lib/domain/project/get";
import { carryOutDeletions } from "@/lib/domain/purge/due";
import { createSession } from "@/lib/domain/session/create";
import { resolveSession } from "@/lib/domain/session/resolve";
import { createToken } from "@/lib/domain/token/create";
import { resolveToken } from "@/lib/domain/token/resolve";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { draft } from "@/lib/domain/workflow/testing";
import { ownTestDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { createFactor } from "@/lib/testing/second-factor";
import { deleteUser } from "./delete";
import { getUserHoldings } from "./holdings";
import { restoreUser } from "./restore";
import { updateUser } from "./update";

let database: Database;
beforeAll(async () => {
  database = await ownTestDatabase();
});

const remove = (user: TestUser, deleteProjects = false) =>
  deleteUser(userContextFor(user), user.id, { confirmEmail: user.email, deleteProjects });

const purge = (of = database) =>
  carryOutDeletions({ database: of, announce: () => {}, forgetInEngine: async () => true }, 60_000);

const isDue = (user: TestUser) =>
  database.query("update users set deletes_at = now() - interval '1 minute' where id = $1", [user.id]);

/** Tables that say this text anywhere. */
async function mentions(text: string): Promise<Record<string, number>> {
  const tables = await database.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname !~ '^(pg_|information_schema)'",
  );
  const found: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await database.query<{ n: number }>(
      `select count(*)::int as n from ${name} t where strpos(to_jsonb(t)::text, $1) > 0`,
      [text],
    );
    if (row && row.n > 0) found[name] = row.n;
  }
  return found;
}

describe("deleteUser", () => {
  test("wants the e-mail repeated, ends sessions and tokens at once, audited and mailed", async () => {
    const user = await createTestUser();
    const session = await createSession(database.db, { userId: user.id });
    const { token } = await createToken(userContextFor(user), { name: "t" });
    await expectRefusal(
      deleteUser(userContextFor(user), user.id, { confirmEmail: "other@example.org" }),
      "invalid",
    );
    const { deletesAt } = await remove(user);
    expect(Math.round((new Date(deletesAt).getTime() - Date.now()) / 86_400_000)).toBe(7);
    expect(await resolveSession(database.db, session.id)).toBeUndefined();
    expect(await resolveToken(database.db, token)).toBeUndefined();
    await expectAudit("user.delete", user.id);
    expect(await database.query('select subject from mails where "to" = $1', [user.email])).toHaveLength(1);
    await expectRefusal(remove(user), "conflict");
  });

  test("is refused while they own a project, unless it goes with them; both come back together", async () => {
    const user = await createTestUser();
    const project = await createTestProject({ owner: user });
    const before = await createTestProject({ owner: user });
    await expectRefusal(remove(user), "conflict");
    await remove(user, true);
    const again = await createSession(database.db, { userId: user.id });
    expect(await resolveSession(database.db, again.id)).toMatchObject({ deletesAt: expect.any(Date) });
    expect((await getProject(contextFor(user, project))).deletesAt).not.toBeNull();
    await restoreUser(userContextFor(user));
    for (const one of [project, before])
      expect(await getProject(contextFor(user, one))).toMatchObject({ deletesAt: null });
    await expectAudit("user.restore", user.id);
    await expectRefusal(restoreUser(userContextFor(user)), "conflict");
  });

  test("nobody hands a project over to somebody who leaves", async () => {
    const owner = await createTestUser();
    const project = await createTestProject({ owner });
    const admin = await addTestMember(project, "admin");
    await remove(admin);
    await expectRefusal(transferProject(contextFor(owner, project), { userId: admin.id }), "conflict");
  });

  test("cannot be undone once its time is over", async () => {
    const user = await createTestUser();
    await remove(user);
    await isDue(user);
    await expectRefusal(restoreUser(userContextFor(user)), "conflict");
  });
});

test("getUserHoldings names who would miss what", async () => {
  const user = await createTestUser();
  const mine = await createTestProject({ owner: user });
  const theirs = await createTestProject();
  await addTestMember(theirs, "editor", user);
  const credential = await createCredential(userContextFor(user), { name: "Clinic", body: { a: 1 } });
  await shareCredential(contextFor(user, theirs, "editor"), { credentialId: credential.id });
  await shareCredential(contextFor(user, mine), { credentialId: credential.id });
  expect(await getUserHoldings(userContextFor(user))).toMatchObject({
    ownedProjects: [{ id: mine.id }],
    memberships: [{ id: theirs.id }],
    sharedCredentials: [{ name: "Clinic", project: { id: theirs.id } }],
    credentials: 1,
  });
});

test("a purged account is named nowhere any more, and another's record says a pseudonym", async () => {
  const user = await createTestUser({ email: "amina@example.org", name: "Amina Diallo" });
  const similar = await createTestUser({ email: "maamina@example.org" });
  const owner = await createTestUser();
  const theirs = await createTestProject({ owner });
  await addTestMember(theirs, "admin", user);
  await updateUser(userContextFor(user), { name: "Amina D." });
  await updateUser(userContextFor(similar), { name: "Similar" });
  await createSession(database.db, { userId: user.id });
  await createToken(userContextFor(user), { name: "deploy" });
  await database.query(
    "insert into accounts (user_id, type, provider, provider_account_id) values ($1, 'oauth', 'github', '1')",
    [user.id],
  );
  await database.query(
    "insert into verification_tokens (identifier, token, expires) values ($1, 't', now())",
    [user.email],
  );
  await database.query("insert into rate_limits (key, window_start) values ('password:' || $1, now())", [
    user.email,
  ]);
  const credential = await createCredential(userContextFor(user), { name: "Clinic", body: { a: 1 } });
  const share = await shareCredential(contextFor(user, theirs, "admin"), { credentialId: credential.id });
  const workflow = draft();
  await saveWorkflow(
    contextFor(user, theirs, "admin"),
    { ...workflow, jobs: workflow.jobs.map((job) => ({ ...job, projectCredentialId: share.id })) },
    { resolveAdaptor: async () => ({ version: "3.3.4" }) },
  );
  await createInvitation(contextFor(user, theirs, "admin"), { email: "new@example.org", role: "viewer" });
  const other = await createTestProject();
  await createInvitation(contextFor(owner, other), { email: user.email, role: "viewer" });
  await remove(user);
  await isDue(user);
  expect(await purge()).toMatchObject({ isDone: true });
  expect(await mentions('"amina@example.org')).toEqual({});
  expect(await mentions(" amina@example.org")).toEqual({});
  expect(await mentions("Amina D")).toEqual({});
  const pseudonym = `deleted user ${user.id.slice(-8)}`;
  const said = await database.query(
    "select actor_label from audit_events where project_id = $1 and event = 'invitation.create'",
    [theirs.id],
  );
  expect(said).toEqual([{ actor_label: pseudonym }]);
  await expectAudit("user.purge", user.id);
  // Whose address only ends like theirs is who they were.
  expect(await mentions(similar.email)).toMatchObject({ "public.users": 1, "public.audit_events": 1 });
  // Their credential is gone from the job, which is there.
  const jobs = await database.query("select project_credential_id as c from jobs where project_id = $1", [
    theirs.id,
  ]);
  expect(jobs).toEqual([{ c: null }, { c: null }]);
});

test("what is an account's alone goes in batches before it, whichever tables the catalogue has", async () => {
  const { user, ctx } = await createFactor();
  await createToken(ctx, { name: "deploy" });
  const credential = await createCredential(ctx, { name: "Clinic", body: { a: 1 } });
  const owner = await createTestUser();
  const joined = await createTestProject({ owner });
  await addTestMember(joined, "editor", user);
  await shareCredential(contextFor(user, joined, "editor"), { credentialId: credential.id });
  const theirs = await createCredential(userContextFor(owner), { name: "Theirs", body: {} });
  await shareCredential(contextFor(owner, joined), { credentialId: theirs.id });
  await offerCredential(ctx, { credentialId: credential.id, email: owner.email });
  await offerCredential(userContextFor(owner), { credentialId: theirs.id, email: user.email });
  const client = await createOauthClient(ctx, {
    name: "Sheets",
    provider: "google",
    clientId: "c",
    tokenAuth: "none",
  });
  await startConsent(ctx, { oauthClientId: client.id, name: "Sheet" }, "http://127.0.0.1:3000");
  await database.query(
    "insert into plan_notices (project_id, month, percent, user_id) values ($1, '2026-11-01', 85, $2)",
    [joined.id, user.id],
  );
  await database.query("insert into notice_rules (project_id, user_id) values ($1, $2)", [
    joined.id,
    user.id,
  ]);
  const joint = contextFor(owner, joined);
  const workflow = await saveWorkflow(joint, draft(), { resolveAdaptor: async () => ({ version: "3.3.4" }) });
  const graph = { name: "theirs", triggers: [], jobs: [], edges: [] };
  await saveDraft(
    { ...joint, actor: ctx.actor },
    { workflowId: workflow.id, revision: null, baseVersion: 1, graph },
  );
  const told = {
    kind: "digest",
    projectId: null,
    to: { userId: user.id },
    data: {},
    notBefore: null,
  } as const;
  await queueNotices(database, [{ ...told, key: "digest" }]);
  await database.query(
    `insert into reveals (project_id, user_id, message_id, reason, ends_at)
     values ($1, $2, uuid_v7(), 'A question of the clinic', now())`,
    [joined.id, user.id],
  );
  await database.query(
    "insert into accounts (user_id, type, provider, provider_account_id) values ($1, 'oauth', 'github', '2')",
    [user.id],
  );
  const owned = await database.query<{ table: string; column: string }>(
    `select k.conrelid::regclass::text as table, a.attname as column from pg_constraint k
     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
     where k.contype = 'f' and k.confrelid = 'users'::regclass and k.confdeltype = 'c' order by 1`,
  );
  for (const { table, column } of owned) {
    const rows = await database.query(`select 1 from ${table} where ${column} = $1`, [user.id]);
    expect(rows, `the account has no row in ${table}: add one`).not.toEqual([]);
  }
  await remove(user);
  await isDue(user);
  const emptied = new Set<string>();
  const watched: Database = {
    ...database,
    query: (text, values, name) => {
      const [, table] = /^delete from (\w+)/.exec(text) ?? [];
      if (table && values?.[0] === user.id) emptied.add(table);
      return database.query(text, values, name);
    },
  };
  expect(await purge(watched)).toMatchObject({ users: 1, isDone: true });
  // What is part of a row of theirs may go before it.
  const parts = await database.query<{ table: string }>(
    `select conrelid::regclass::text as table from pg_constraint
     where contype = 'f' and confdeltype = 'c' and confrelid::regclass::text = any($1)`,
    [owned.map(({ table }) => table)],
  );
  const alone = new Set(owned.map(({ table }) => table));
  const isPart = (table: string) => !alone.has(table) && parts.some((part) => part.table === table);
  expect([...emptied].filter((table) => !isPart(table)).sort()).toEqual([...alone]);
  expect(await mentions(user.id)).toEqual({ "public.audit_events": expect.any(Number) });
});

test("the account waits for its projects, whose purge may take longer", async () => {
  const user = await createTestUser();
  const project = await createTestProject({ owner: user });
  await remove(user, true);
  await isDue(user);
  expect(await purge()).toMatchObject({ users: 0 });
  await database.query("update projects set deletes_at = now() - interval '2 hours' where id = $1", [
    project.id,
  ]);
  expect(await purge()).toMatchObject({ projects: 1, users: 1, isDone: true });
});
