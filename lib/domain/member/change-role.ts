import { z } from "zod";
import { projectMembers } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { invitableRoles } from "@/lib/domain/invitation/create";
import { write } from "@/lib/domain/write";
import { forbidden } from "@/lib/refusal";
import { lockMembers, memberRow, roleOf } from "./lock";

export const roleChange = z.strictObject({ userId: z.uuid(), role: z.enum(invitableRoles) });

/** Gives a collaborator another role. Throws `forbidden` for the owner, whose role is only handed over. */
export async function changeRole(ctx: Context, input: z.input<typeof roleChange>): Promise<void> {
  await write(ctx, "member.manage", async (tx) => {
    const { userId, role } = roleChange.parse(input);
    await lockMembers(tx, ctx);
    const before = await roleOf(tx, ctx, userId);
    if (before === "owner")
      throw forbidden("The owner's role cannot be changed. Hand the project over to somebody else first.");
    if (before === role) return { result: undefined, audit: null, changed: null };
    await tx.update(projectMembers).set({ role }).where(memberRow(ctx, userId));
    return {
      result: undefined,
      audit: { event: "member.change_role", itemId: userId, before: { role: before }, after: { role } },
      changed: null,
    };
  });
}
