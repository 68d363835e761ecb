import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential, unshareCredential } from "@/lib/domain/credential/share";
import { getWorkflowDifference } from "@/lib/domain/workflow/difference";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  userContextFor,
} from "@/lib/testing/fixtures";
import { createKeychain } from "./create";
import { deleteKeychain } from "./delete";
import { listKeychains } from "./list";
import { updateKeychain } from "./update";

const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };

let ctx: Context;
let link: string;

const input = () => ({ name: `by facility ${randomUUID()}`, path: "$.data.facility" });

const workflow = (credential: object) => ({
  name: `Visit ${randomUUID()}`,
  triggers: [],
  jobs: [
    {
      id: randomUUID(),
      name: "Register",
      body: "fn(s => s)",
      adaptor: "@openfn/language-common@3.3.4",
      ...credential,
    },
  ],
  edges: [],
});

const listed = async (id: string) => (await listKeychains(ctx)).items.find((one) => one.id === id);

beforeAll(async () => {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  const credential = await createCredential(userContextFor(owner), { name: "General", body: {} });
  link = (await shareCredential(ctx, { credentialId: credential.id })).id;
});

test("is made, changed and deleted, each on the record", async () => {
  const wanted = { ...input(), defaultProjectCredentialId: link };
  const { id } = await createKeychain(ctx, wanted);
  expect((await expectAudit("keychain.create", id)).after).toEqual(wanted);
  expect(await listed(id)).toMatchObject({
    name: wanted.name,
    path: "$.data.facility",
    default: { id: link, name: "General" },
    jobs: 0,
    usedBy: [],
    lastUsedAt: null,
  });
  await updateKeychain(ctx, { keychainId: id, path: "$..facility", defaultProjectCredentialId: null });
  const { before, after } = await expectAudit("keychain.update", id);
  expect(before).toEqual(wanted);
  expect(after).toEqual({ name: wanted.name, path: "$..facility", defaultProjectCredentialId: null });
  expect(await listed(id)).toMatchObject({ path: "$..facility", default: null });
  await deleteKeychain(ctx, { keychainId: id });
  expect((await expectAudit("keychain.delete", id)).before).toMatchObject({ name: wanted.name, jobs: 0 });
  expect(await listed(id)).toBeUndefined();
});

test("has a name of its own in the project, and a path that can be followed", async () => {
  const first = await createKeychain(ctx, input());
  const second = await createKeychain(ctx, input());
  const { name } = first;
  expect(
    (await expectRefusal(createKeychain(ctx, { ...input(), name: ` ${name} ` }), "conflict")).message,
  ).toBe(`There is already a keychain named ${name} in this project. Choose another name.`);
  await expectRefusal(updateKeychain(ctx, { keychainId: second.id, name }), "conflict");
  for (const path of ["data.facility", "$.data[?@.id]", "$..a..b", "", "$".padEnd(300, ".a")])
    await expect(createKeychain(ctx, { ...input(), path }), path).rejects.toThrow();
});

test("is the business of the owner and admins; everybody in the project sees it", async () => {
  const project = { id: ctx.project.id, name: ctx.project.name };
  const { id } = await createKeychain(ctx, input());
  for (const role of ["editor", "viewer"] as const) {
    const theirs = contextFor(await addTestMember(project, role), project, role);
    await expectRefusal(createKeychain(theirs, input()), "forbidden");
    await expectRefusal(updateKeychain(theirs, { keychainId: id, name: "x" }), "forbidden");
    await expectRefusal(deleteKeychain(theirs, { keychainId: id }), "forbidden");
    expect((await listKeychains(theirs)).items.map((one) => one.id)).toContain(id);
  }
  const admin = contextFor(await addTestMember(project, "admin"), project, "admin");
  await updateKeychain(admin, { keychainId: id, path: "$.data.id" });
});

describe("a job", () => {
  test("has a keychain of its project or a credential, not both and not another's", async () => {
    const { id } = await createKeychain(ctx, input());
    const saved = await saveWorkflow(ctx, workflow({ keychainCredentialId: id }), deps);
    expect((await getWorkflow(ctx, saved)).graph.jobs[0]).toMatchObject({
      keychainCredentialId: id,
      projectCredentialId: null,
    });
    const both = workflow({ keychainCredentialId: id, projectCredentialId: link });
    expect((await expectRefusal(saveWorkflow(ctx, both, deps), "invalid")).message).toBe(
      "Register names a credential and a keychain. Keep one of them.",
    );
    const strange = workflow({ keychainCredentialId: randomUUID() });
    expect((await expectRefusal(saveWorkflow(ctx, strange, deps), "invalid")).message).toContain(
      "The keychain of Register is not one of this project.",
    );
    expect(await listed(id)).toMatchObject({ jobs: 1, usedBy: [{ job: { name: "Register" } }] });
  });

  test("that changes from a credential to a keychain is a version of its own, and the difference names both", async () => {
    const { id, name } = await createKeychain(ctx, input());
    const draft = workflow({ projectCredentialId: link });
    const first = await saveWorkflow(ctx, draft, deps);
    const jobs = draft.jobs.map((job) => ({ ...job, projectCredentialId: null, keychainCredentialId: id }));
    const second = await saveWorkflow(
      ctx,
      { ...draft, ...first.graph, id: first.id, lockVersion: 1, jobs },
      deps,
    );
    expect(second).toMatchObject({ changed: true, lockVersion: 2 });
    expect((await getWorkflow(ctx, second)).versionHistory).toHaveLength(2);
    const { difference } = await getWorkflowDifference(ctx, { id: first.id });
    expect(difference.jobs[0]?.fields).toEqual([
      { field: "credential", before: "General", after: null },
      { field: "keychain", before: null, after: name },
    ]);
  });

  test("shows and saves without a keychain that was deleted", async () => {
    const { id } = await createKeychain(ctx, input());
    const draft = workflow({ keychainCredentialId: id });
    const saved = await saveWorkflow(ctx, draft, deps);
    await deleteKeychain(ctx, { keychainId: id });
    const { graph } = await getWorkflow(ctx, saved);
    expect(graph.jobs[0]).toMatchObject({ keychainCredentialId: null, projectCredentialId: null });
    const jobs = draft.jobs.map((job) => ({ ...job, keychainCredentialId: null }));
    const again = await saveWorkflow(ctx, { ...draft, jobs, id: saved.id, lockVersion: 1 }, deps);
    expect(again.lockVersion).toBe(2);
  });
});

test("loses a default that is taken from the project, not one that somebody is choosing in that moment", async () => {
  const { db } = testDatabase();
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const mine = contextFor(owner, project);
  const { id } = await createCredential(userContextFor(owner), { name: "General", body: {} });
  const both = async () => {
    const { id: shared } = await shareCredential(mine, { credentialId: id });
    const made = createKeychain(mine, { ...input(), defaultProjectCredentialId: shared });
    const taken = unshareCredential(mine, { projectCredentialId: shared });
    const [keychain] = await Promise.allSettled([made, taken]);
    // Either it was there before, and lost its default; or it was refused in a sentence.
    if (keychain.status === "rejected") return expectRefusal(Promise.reject(keychain.reason), "invalid");
    return expect((await listKeychains({ ...mine, db })).items.at(-1)?.default).toBeNull();
  };
  for (let i = 0; i < 5; i++) await both();
});
