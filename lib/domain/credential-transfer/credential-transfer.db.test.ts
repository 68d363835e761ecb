import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { credentialTransfers } from "@/db/schema";
import { createCredential } from "@/lib/domain/credential/create";
import { deleteCredential } from "@/lib/domain/credential/delete";
import { getCredential } from "@/lib/domain/credential/get";
import { listProjectCredentials } from "@/lib/domain/credential/list";
import { openCredential } from "@/lib/domain/credential/open";
import { shareCredential } from "@/lib/domain/credential/share";
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
import { acceptTransfer, endTransfer } from "./answer";
import { listTransfers } from "./list";
import { offerCredential } from "./offer";

const { db, query } = testDatabase();

/** A credential of an editor's that a project uses, which its owner is offered. */
async function offered() {
  const to = await createTestUser();
  const project = await createTestProject({ owner: to });
  const from = await addTestMember(project, "editor");
  const { id } = await createCredential(userContextFor(from), {
    name: "Registry",
    body: { password: "s3cret" },
  });
  const link = await shareCredential(contextFor(from, project, "editor"), { credentialId: id });
  const offer = await offerCredential(userContextFor(from), {
    credentialId: id,
    email: to.email.toUpperCase(),
  });
  return { to, from, project, id, link, offer, me: userContextFor(to), maker: userContextFor(from) };
}

describe("a credential that is offered", () => {
  test("stays its owner's until it is accepted, then is the other's with its secret, and jobs notice nothing", async () => {
    const { me, maker, id, offer, project, link, to } = await offered();
    expect((await listTransfers(me)).items).toEqual([
      expect.objectContaining({ id: offer.id, name: "Registry", isToMe: true, projects: [project.name] }),
    ]);
    expect(JSON.stringify((await listTransfers(me)).items)).not.toContain("s3cret");
    await expectRefusal(getCredential(me, { credentialId: id }), "not_found");
    expect((await getCredential(maker, { credentialId: id })).body).toEqual({ password: "s3cret" });
    await acceptTransfer(me, { transferId: offer.id });
    expect((await getCredential(me, { credentialId: id })).body).toEqual({ password: "s3cret" });
    await expectRefusal(getCredential(maker, { credentialId: id }), "not_found");
    await expectRefusal(deleteCredential(maker, { credentialId: id }), "not_found");
    expect((await openCredential(db, link.id, project.id)).body).toEqual({ password: "s3cret" });
    expect((await listProjectCredentials(contextFor(to, project))).items).toEqual([
      expect.objectContaining({ id: link.id, owner: to.email, isMine: true }),
    ]);
    await expectAudit("credential.transfer", id);
    await expectRefusal(acceptTransfer(me, { transferId: offer.id }), "not_found");
  });

  test("goes to nobody but who edits a project that it is shared with, and says nothing of accounts", async () => {
    const { maker, id, project } = await offered();
    const viewer = await addTestMember(project, "viewer");
    const stranger = await createTestUser();
    const answers = [];
    for (const email of [viewer.email, stranger.email, "nobody@example.org"])
      answers.push(await expectRefusal(offerCredential(maker, { credentialId: id, email }), "invalid"));
    expect(new Set(answers.map(({ message, details }) => JSON.stringify([message, details]))).size).toBe(1);
  });

  test("is nobody's business: a stranger neither accepts, declines nor sees it", async () => {
    const { offer } = await offered();
    const stranger = userContextFor(await createTestUser());
    await expectRefusal(acceptTransfer(stranger, { transferId: offer.id }), "not_found");
    await expectRefusal(endTransfer(stranger, { transferId: offer.id }), "not_found");
    expect((await listTransfers(stranger)).items).toEqual([]);
  });

  test("is over when it is declined, withdrawn, replaced or two days old", async () => {
    const [declined, withdrawn, replaced, old] = [
      await offered(),
      await offered(),
      await offered(),
      await offered(),
    ];
    await endTransfer(declined.me, { transferId: declined.offer.id });
    await expectAudit("credential.decline", declined.id);
    await endTransfer(withdrawn.maker, { transferId: withdrawn.offer.id });
    await expectAudit("credential.withdraw", withdrawn.id);
    const again = { credentialId: replaced.id, email: replaced.to.email };
    const second = await offerCredential(replaced.maker, again);
    await query("update credential_transfers set expires_at = now() where id = $1", [old.offer.id]);
    for (const { me, offer } of [declined, withdrawn, replaced, old])
      await expectRefusal(acceptTransfer(me, { transferId: offer.id }), "not_found");
    await acceptTransfer(replaced.me, { transferId: second.id });
    expect(await db.$count(credentialTransfers, eq(credentialTransfers.credentialId, declined.id))).toBe(0);
  });

  test("whose name is taken is accepted under another, and until then stays offered", async () => {
    const { me, offer, id } = await offered();
    await createCredential(me, { name: "Registry", body: {} });
    const refusal = await expectRefusal(acceptTransfer(me, { transferId: offer.id }), "conflict");
    expect(refusal.message).toContain("under another name");
    expect(await acceptTransfer(me, { transferId: offer.id, name: "Registry (clinic)" })).toEqual({
      id,
      name: "Registry (clinic)",
    });
  });
});
