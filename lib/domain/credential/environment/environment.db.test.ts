import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { auditEvents } from "@/db/schema";
import { createCredential } from "@/lib/domain/credential/create";
import { deleteCredential } from "@/lib/domain/credential/delete";
import { listCredentials, listProjectCredentials } from "@/lib/domain/credential/list";
import { shareCredential } from "@/lib/domain/credential/share";
import { updateProject } from "@/lib/domain/project/update";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestProject,
  userContextFor,
} from "@/lib/testing/fixtures";
import { deleteCredentialEnvironment } from "./delete";
import { getCredentialEnvironment } from "./get";
import { setCredentialEnvironment } from "./set";

const secret = "p4ssw0rd-of-staging";
const database = testDatabase();

let owner: Awaited<ReturnType<typeof createTestUser>>;
let own: ReturnType<typeof userContextFor>;
let at: { credentialId: string; env: string };

beforeEach(async () => {
  owner = await createTestUser();
  own = userContextFor(owner);
  const { id } = await createCredential(own, { name: "Registry", body: { password: "of main" } });
  at = { credentialId: id, env: "staging" };
});

describe("what a credential is in an environment", () => {
  test("is stored sealed, shown to its owner, listed without its secret, and deleted; each on the record", async () => {
    const body = { password: secret };
    await setCredentialEnvironment(own, { ...at, body, allowedHosts: ["test.example.org"] });
    const [row] = await database.query("select * from credential_bodies where credential_id = $1", [
      at.credentialId,
    ]);
    expect(row?.body).toMatch(/^v1:/);
    expect(JSON.stringify(row)).not.toContain(secret);
    expect(await getCredentialEnvironment(own, at)).toEqual({
      env: "staging",
      body,
      allowedHosts: ["test.example.org"],
    });
    await expectAudit("credential.reveal", at.credentialId);
    const [listed] = (await listCredentials(own)).items;
    expect(listed?.environments).toMatchObject([{ env: "staging", allowedHosts: ["test.example.org"] }]);
    expect(JSON.stringify(listed)).not.toContain(secret);
    const first = await expectAudit("credential.set_environment", at.credentialId);
    expect(first).toMatchObject({
      before: null,
      after: { env: "staging", allowedHosts: ["test.example.org"], bodyChanged: true },
    });
    await deleteCredentialEnvironment(own, at);
    await expectAudit("credential.delete_environment", at.credentialId);
    await expectRefusal(getCredentialEnvironment(own, at), "not_found");
    await expectRefusal(deleteCredentialEnvironment(own, at), "not_found");
    const events = await database.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.itemId, at.credentialId));
    expect(JSON.stringify(events)).not.toContain(secret);
  });

  test("changes in part: its hosts, or its secret", async () => {
    const body = { password: secret };
    await setCredentialEnvironment(own, { ...at, body });
    await setCredentialEnvironment(own, { ...at, allowedHosts: ["a.example.org"] });
    expect(await getCredentialEnvironment(own, at)).toMatchObject({ body, allowedHosts: ["a.example.org"] });
    await setCredentialEnvironment(own, { ...at, body: {} });
    expect(await getCredentialEnvironment(own, at)).toMatchObject({
      body: {},
      allowedHosts: ["a.example.org"],
    });
    await setCredentialEnvironment(own, { ...at, allowedHosts: null });
    expect(await getCredentialEnvironment(own, at)).toMatchObject({ allowedHosts: null });
  });

  test("needs a secret at first and a name that is one; main is the credential itself", async () => {
    const { message } = await expectRefusal(setCredentialEnvironment(own, at), "invalid");
    expect(message).toBe("Enter what Registry is in staging.");
    await expectRefusal(setCredentialEnvironment(own, { ...at, env: "main", body: {} }), "invalid");
    for (const env of ["", "Staging", "a b", "-x", "x".repeat(33), "../main"])
      await expect(setCredentialEnvironment(own, { ...at, env, body: {} }), env).rejects.toThrow();
  });

  test("is nobody else's, whatever their role, and goes with the credential", async () => {
    await setCredentialEnvironment(own, { ...at, body: { password: secret } });
    const project = await createTestProject();
    await addTestMember(project, "editor", owner);
    await shareCredential(contextFor(owner, project, "editor"), { credentialId: at.credentialId });
    const admin = userContextFor(await addTestMember(project, "admin"));
    for (const attempt of [
      () => getCredentialEnvironment(admin, at),
      () => setCredentialEnvironment(admin, { ...at, body: {} }),
      () => deleteCredentialEnvironment(admin, at),
    ])
      await expectRefusal(attempt(), "not_found");
    expect(JSON.stringify(await listProjectCredentials({ ...admin, project, role: "admin" }))).not.toContain(
      secret,
    );
    await deleteCredential(own, { credentialId: at.credentialId });
    expect(
      await database.query("select 1 from credential_bodies where credential_id = $1", [at.credentialId]),
    ).toEqual([]);
  });
});

describe("a project", () => {
  let project: TestProject;
  const inEnvironment = async () =>
    (await listProjectCredentials(contextFor(owner, project))).items.map((one) => one.isInEnvironment);

  beforeEach(async () => {
    project = await createTestProject({ owner });
    await shareCredential(contextFor(owner, project), { credentialId: at.credentialId });
  });

  test("says which of its credentials are nothing in its environment", async () => {
    expect(await inEnvironment()).toEqual([true]);
    await updateProject(contextFor(owner, project), { env: "staging" });
    expect(await inEnvironment()).toEqual([false]);
    expect((await listCredentials(own)).items[0]?.projects).toMatchObject([{ env: "staging" }]);
    await setCredentialEnvironment(own, { ...at, body: {} });
    expect(await inEnvironment()).toEqual([true]);
    await updateProject(contextFor(owner, project), { env: "main" });
    expect((await listCredentials(own)).items[0]?.projects).toMatchObject([{ env: null }]);
  });

  test("is put into an environment by its owner and admins, on the record", async () => {
    const editor = await addTestMember(project, "editor");
    await expectRefusal(
      updateProject(contextFor(editor, project, "editor"), { env: "staging" }),
      "forbidden",
    );
    await updateProject(contextFor(owner, project), { env: "staging" });
    expect(await expectAudit("project.update", project.id)).toMatchObject({
      before: { env: null },
      after: { env: "staging" },
    });
  });
});
