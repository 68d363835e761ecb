import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { auditEvents, credentials } from "@/db/schema";
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
import { createCredential } from "./create";
import { deleteCredential } from "./delete";
import { getCredential } from "./get";
import { listCredentials, listProjectCredentials } from "./list";
import { openCredential } from "./open";
import { shareCredential, unshareCredential } from "./share";
import { updateCredential } from "./update";

const secret = "p4ssw0rd-that-nobody-sees";

beforeAll(() => {
  testDatabase();
});

async function shared() {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const editor = await addTestMember(project, "editor");
  const asEditor = userContextFor(editor);
  const credential = await createCredential(asEditor, {
    name: "HAPI FHIR",
    body: { password: secret, port: 8080 },
  });
  const link = await shareCredential(contextFor(editor, project, "editor"), { credentialId: credential.id });
  return { owner, project, editor, asEditor, credential, link };
}

describe("a credential", () => {
  it("is encrypted at rest and in no audit event", async () => {
    const { credential } = await shared();
    const { db } = testDatabase();
    const [row] = await db.select().from(credentials).where(eq(credentials.id, credential.id));
    expect(row?.body).toMatch(/^v1:/);
    expect(JSON.stringify(row)).not.toContain(secret);
    await expectAudit("credential.create", credential.id);
    const events = await db.select().from(auditEvents).where(eq(auditEvents.itemId, credential.id));
    expect(JSON.stringify(events)).not.toContain(secret);
  });

  it("shows its secret to its owner only, whatever the others' role, and says so in the audit", async () => {
    const { owner, asEditor, credential } = await shared();
    expect(await getCredential(asEditor, { credentialId: credential.id })).toMatchObject({
      body: { password: secret, port: 8080 },
    });
    await expectAudit("credential.reveal", credential.id);
    const asOwner = userContextFor(owner);
    const id = { credentialId: credential.id };
    await expectRefusal(getCredential(asOwner, id), "not_found");
    await expectRefusal(updateCredential(asOwner, { ...id, body: {} }), "not_found");
    await expectRefusal(deleteCredential(asOwner, id), "not_found");
    expect((await listCredentials(asOwner)).items).toEqual([]);
  });

  it("has a name of its own per owner", async () => {
    const { asEditor, owner } = await shared();
    await expectRefusal(createCredential(asEditor, { name: "HAPI FHIR", body: {} }), "conflict");
    const other = await createCredential(asEditor, { name: "Other", body: {} });
    await expectRefusal(
      updateCredential(asEditor, { credentialId: other.id, name: "HAPI FHIR" }),
      "conflict",
    );
    await createCredential(userContextFor(owner), { name: "HAPI FHIR", body: {} });
  });

  it("changes name and secret, each alone, audited without the secret", async () => {
    const { asEditor, credential } = await shared();
    const id = { credentialId: credential.id };
    await updateCredential(asEditor, { ...id, name: "FHIR" });
    expect(await getCredential(asEditor, id)).toMatchObject({ name: "FHIR", body: { password: secret } });
    const event = await expectAudit("credential.update", credential.id);
    expect(event).toMatchObject({
      before: { name: "HAPI FHIR" },
      after: { name: "FHIR", bodyChanged: false },
    });
    await updateCredential(asEditor, { ...id, schema: "@openfn/language-http", body: { token: "t" } });
    expect(await getCredential(asEditor, id)).toMatchObject({
      name: "FHIR",
      schema: "@openfn/language-http",
      body: { token: "t" },
    });
  });

  it("may be sent where its owner says, who alone says it; the project's members see where", async () => {
    const { owner, project, asEditor, credential, link } = await shared();
    const id = { credentialId: credential.id };
    const allowedHosts = ["api.example.org", "10.0.0.0/8:5432", "db.example.org:5432"];
    await updateCredential(asEditor, {
      ...id,
      allowedHosts: [" API.example.org ", ...allowedHosts.slice(1)],
    });
    expect(await expectAudit("credential.update", credential.id)).toMatchObject({
      before: { allowedHosts: null },
      after: { name: "HAPI FHIR", allowedHosts, bodyChanged: false },
    });
    expect(await getCredential(asEditor, id)).toMatchObject({ allowedHosts, body: { password: secret } });
    expect((await listCredentials(asEditor)).items[0]?.allowedHosts).toEqual(allowedHosts);
    const asViewer = contextFor(owner, project, "viewer");
    expect((await listProjectCredentials(asViewer)).items[0]?.allowedHosts).toEqual(allowedHosts);
    const { db } = testDatabase();
    expect(await openCredential(db, link.id, project.id)).toMatchObject({ allowedHosts });
    await expectRefusal(updateCredential(userContextFor(owner), { ...id, allowedHosts: null }), "not_found");
    await updateCredential(asEditor, { ...id, name: "Renamed" });
    expect(await openCredential(db, link.id, project.id)).toMatchObject({ allowedHosts });
    await updateCredential(asEditor, { ...id, allowedHosts: null });
    expect(await openCredential(db, link.id, project.id)).toMatchObject({ allowedHosts: null });
  });

  it("refuses what is no list of hosts", async () => {
    const { asEditor, credential } = await shared();
    const wrong: [unknown, RegExp][] = [
      [["https://api.example.org/x"], /without https/],
      [["*"], /without https/],
      [[""], /without https/],
      [[], /at least one host/],
      [Array.from({ length: 201 }, (_, index) => `h${index}.example.org`), /200/],
      ["api.example.org", /array/],
    ];
    for (const [given, sentence] of wrong) {
      const allowedHosts = given as string[];
      const made = createCredential(asEditor, { name: "Wrong", body: {}, allowedHosts });
      await expect(made).rejects.toThrow(sentence);
      const changed = updateCredential(asEditor, { credentialId: credential.id, allowedHosts });
      await expect(changed).rejects.toThrow(sentence);
    }
  });

  it("goes everywhere when it is deleted, audited", async () => {
    const { owner, project, asEditor, credential, link } = await shared();
    await deleteCredential(asEditor, { credentialId: credential.id });
    await expectAudit("credential.delete", credential.id);
    expect((await listProjectCredentials(contextFor(owner, project))).items).toEqual([]);
    await expectRefusal(openCredential(testDatabase().db, link.id, project.id), "not_found");
  });
});

describe("a shared credential", () => {
  it("opens for the engine, in its project", async () => {
    const { project, link } = await shared();
    const { db } = testDatabase();
    expect(await openCredential(db, link.id, project.id)).toEqual({
      id: link.id,
      name: "HAPI FHIR",
      body: { password: secret, port: 8080 },
      allowedHosts: null,
    });
    const other = await createTestProject();
    await expectRefusal(openCredential(db, link.id, other.id), "not_found");
  });

  it("is listed with name and owner, never with its secret", async () => {
    const { project, owner, editor, link, credential } = await shared();
    const { items } = await listProjectCredentials(contextFor(owner, project, "viewer"));
    expect(items).toEqual([
      {
        id: link.id,
        credentialId: credential.id,
        name: "HAPI FHIR",
        schema: "raw",
        allowedHosts: null,
        owner: editor.email,
        isMine: false,
        expiresAt: null,
        renewalFailedAt: null,
        jobs: 0,
        usedBy: [],
        keychains: [],
        externalId: null,
        isInEnvironment: true,
        lastUsedAt: null,
        changedAt: null,
      },
    ]);
    expect((await listCredentials(userContextFor(editor))).items[0]?.projects).toEqual([
      {
        id: project.id,
        name: project.name,
        projectCredentialId: link.id,
        env: null,
        jobs: 0,
        keychains: 0,
        lastUsedAt: null,
      },
    ]);
  });

  it("is shared once, by its owner, who edits the project", async () => {
    const { owner, project, editor, credential, link } = await shared();
    const id = { credentialId: credential.id };
    expect((await shareCredential(contextFor(editor, project, "editor"), id)).id).toBe(link.id);
    await expectAudit("credential.share", link.id);
    await expectRefusal(shareCredential(contextFor(owner, project), id), "not_found");
    await expectRefusal(shareCredential(contextFor(editor, project, "viewer"), id), "forbidden");
  });

  it("is taken back by its owner or an admin, and by nobody else", async () => {
    const { owner, project, link } = await shared();
    const id = { projectCredentialId: link.id };
    const other = await addTestMember(project, "editor");
    await expectRefusal(unshareCredential(contextFor(other, project, "editor"), id), "forbidden");
    const foreign = await createTestProject({ owner });
    await expectRefusal(unshareCredential(contextFor(owner, foreign), id), "not_found");
    await unshareCredential(contextFor(owner, project, "admin"), id);
    await expectAudit("credential.unshare", link.id);
    const again = await shared();
    await unshareCredential(contextFor(again.editor, again.project, "viewer"), {
      projectCredentialId: again.link.id,
    });
  });
});
