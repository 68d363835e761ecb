import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { invitations, mails } from "@/db/schema";
import { findMembership } from "@/lib/domain/member/find-role";
import { limits, slotOf } from "@/lib/domain/rate-limit/consume";
import { stopClock } from "@/lib/testing/clock";
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
import { acceptInvitation, declineInvitation } from "./answer";
import { createInvitation } from "./create";
import { findOpenInvitation } from "./find";
import { listInvitations, listMyInvitations } from "./list";
import { resendInvitation } from "./resend";
import { revokeInvitation } from "./revoke";

stopClock();
beforeAll(() => {
  testDatabase();
});

const tokenOf = (sent: { link: string | null }) => sent.link?.split("/").at(-1) ?? "";

async function owned() {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  return { owner, project, ctx: contextFor(owner, project) };
}

async function invited(options: { emailVerified?: Date } = {}) {
  const { ctx, project, owner } = await owned();
  const guest = await createTestUser(options);
  const sent = await createInvitation(ctx, { email: guest.email.toUpperCase(), role: "editor" });
  return { ctx, project, owner, guest, sent, token: tokenOf(sent), asGuest: userContextFor(guest) };
}

describe("createInvitation", () => {
  it("mails a link, keeps only its hash, and is audited", async () => {
    const { project, guest, sent, token, owner } = await invited();
    expect(sent).toMatchObject({ email: guest.email, role: "editor", delivery: "shown" });
    const { db } = testDatabase();
    const [row] = await db.select().from(invitations).where(eq(invitations.id, sent.id));
    expect(JSON.stringify(row)).not.toContain(token);
    const [mail] = await db.select().from(mails).where(eq(mails.to, guest.email));
    expect(mail?.text).toContain(sent.link);
    const event = await expectAudit("invitation.create", sent.id);
    expect(event).toMatchObject({ projectId: project.id, after: { email: guest.email, role: "editor" } });
    expect(await findOpenInvitation(db, token)).toMatchObject({
      invitedBy: owner.email,
      project: { id: project.id },
    });
  });

  it("refuses members and people who are invited already", async () => {
    const { ctx, project, guest } = await invited();
    await expectRefusal(createInvitation(ctx, { email: guest.email, role: "viewer" }), "conflict");
    const member = await addTestMember(project, "viewer");
    await expectRefusal(createInvitation(ctx, { email: member.email, role: "admin" }), "conflict");
  });

  it("invites no owner, and is not for editors and viewers", async () => {
    const { ctx, owner, project } = await owned();
    // @ts-expect-error the role is handed over instead
    await expect(createInvitation(ctx, { email: "a@example.org", role: "owner" })).rejects.toThrow();
    for (const role of ["editor", "viewer"] as const)
      await expectRefusal(
        createInvitation(contextFor(owner, project, role), { email: "a@example.org", role: "viewer" }),
        "forbidden",
      );
  });

  it("is limited per person", async () => {
    const { ctx, owner } = await owned();
    const { max, windowSeconds } = limits.invitationPerUser;
    await ctx.db.execute(
      sql`insert into rate_limits (key, window_start, count) values (${slotOf(`invite:${owner.id}`)},
        to_timestamp(floor(${Date.now() / 1000}::float8 / ${windowSeconds}::int) * ${windowSeconds}::int), ${max})`,
    );
    await expectRefusal(createInvitation(ctx, { email: "a@example.org", role: "viewer" }), "limit");
  });
});

describe("acceptInvitation", () => {
  it("makes the invited person a member, once, audited", async () => {
    const { project, guest, asGuest, sent, token } = await invited();
    expect(await acceptInvitation(asGuest, { token })).toEqual({ projectId: project.id, role: "editor" });
    expect(await findMembership(asGuest.db, guest.id, project.id)).toMatchObject({ role: "editor" });
    expect(await expectAudit("invitation.accept", sent.id)).toMatchObject({
      actorId: guest.id,
      projectId: project.id,
    });
    await expectRefusal(acceptInvitation(asGuest, { token }), "not_found");
  });

  it("does not change the role of somebody who is a member meanwhile", async () => {
    const { project, guest, asGuest, token } = await invited();
    await addTestMember(project, "admin", guest);
    await acceptInvitation(asGuest, { token });
    expect(await findMembership(asGuest.db, guest.id, project.id)).toMatchObject({ role: "admin" });
  });

  it("is for the invited e-mail only, even with the link", async () => {
    const { project, token } = await invited();
    const other = await createTestUser({ emailVerified: new Date() });
    const refusal = await expectRefusal(acceptInvitation(userContextFor(other), { token }), "forbidden");
    expect(refusal.message).toMatch(/Sign in with that address/);
    expect(await findMembership(testDatabase().db, other.id, project.id)).toBeUndefined();
  });

  it("without the link needs a mailbox that is proven", async () => {
    const unproven = await invited();
    await expectRefusal(acceptInvitation(unproven.asGuest, { invitationId: unproven.sent.id }), "not_found");
    expect(await listMyInvitations(unproven.asGuest)).toEqual([]);
    const proven = await invited({ emailVerified: new Date() });
    expect((await listMyInvitations(proven.asGuest)).map((i) => i.id)).toEqual([proven.sent.id]);
    await acceptInvitation(proven.asGuest, { invitationId: proven.sent.id });
    expect(await listMyInvitations(proven.asGuest)).toEqual([]);
    const stranger = await createTestUser({ emailVerified: new Date() });
    const other = await invited();
    await expectRefusal(
      acceptInvitation(userContextFor(stranger), { invitationId: other.sent.id }),
      "not_found",
    );
  });

  it("refuses links that are out of date", async () => {
    const { asGuest, sent, token } = await invited();
    await asGuest.db
      .update(invitations)
      .set({ expiresAt: new Date(0) })
      .where(eq(invitations.id, sent.id));
    await expectRefusal(acceptInvitation(asGuest, { token }), "not_found");
    await expectRefusal(acceptInvitation(asGuest, { token: randomUUID() }), "not_found");
  });

  it("happens once when the link is opened twice at once", async () => {
    const { asGuest, sent, token } = await invited();
    const results = await Promise.allSettled([
      acceptInvitation(asGuest, { token }),
      acceptInvitation(asGuest, { token }),
    ]);
    expect(results.map((r) => r.status).sort()).toEqual(["fulfilled", "rejected"]);
    await expectAudit("invitation.accept", sent.id);
  });
});

it("declineInvitation ends the link, audited", async () => {
  const { asGuest, guest, project, sent, token } = await invited();
  await declineInvitation(asGuest, { token });
  await expectAudit("invitation.decline", sent.id);
  await expectRefusal(acceptInvitation(asGuest, { token }), "not_found");
  expect(await findMembership(asGuest.db, guest.id, project.id)).toBeUndefined();
});

describe("open invitations", () => {
  it("are listed in pages until they are answered", async () => {
    const { ctx } = await owned();
    for (let i = 0; i < 3; i++) await createInvitation(ctx, { email: `a${i}@example.org`, role: "viewer" });
    const first = await listInvitations(ctx, { limit: 2 });
    expect(first.items.map((i) => i.email)).toEqual(["a2@example.org", "a1@example.org"]);
    const rest = await listInvitations(ctx, { limit: 2, cursor: first.nextCursor ?? "" });
    expect(rest).toMatchObject({ items: [{ email: "a0@example.org", isExpired: false }], nextCursor: null });
  });

  it("are sent again with a new link; the old one stops working", async () => {
    const { ctx, asGuest, sent, token } = await invited();
    const again = await resendInvitation(ctx, { invitationId: sent.id });
    await expectAudit("invitation.resend", sent.id);
    await expectRefusal(acceptInvitation(asGuest, { token }), "not_found");
    await acceptInvitation(asGuest, { token: tokenOf(again) });
    await expectRefusal(resendInvitation(ctx, { invitationId: sent.id }), "not_found");
  });

  it("are withdrawn by admins, audited", async () => {
    const { project, owner, sent, asGuest, token } = await invited();
    await revokeInvitation(contextFor(owner, project, "admin"), { invitationId: sent.id });
    await expectAudit("invitation.revoke", sent.id);
    await expectRefusal(acceptInvitation(asGuest, { token }), "not_found");
  });

  it("are out of reach for editors and for other projects", async () => {
    const { project, owner, sent } = await invited();
    const { ctx: foreign } = await owned();
    const id = { invitationId: sent.id };
    await expectRefusal(revokeInvitation(contextFor(owner, project, "editor"), id), "forbidden");
    await expectRefusal(resendInvitation(contextFor(owner, project, "viewer"), id), "forbidden");
    await expectRefusal(revokeInvitation(foreign, id), "not_found");
    await expectRefusal(resendInvitation(foreign, id), "not_found");
    expect((await listInvitations(foreign)).items).toEqual([]);
  });
});
