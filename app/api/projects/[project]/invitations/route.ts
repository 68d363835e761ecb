import { createInvitation, newInvitation } from "@/lib/domain/invitation/create";
import { listInvitations } from "@/lib/domain/invitation/list";
import { pageInput } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  { summary: "Invitations that nobody answered yet.", permission: "project.read", query: pageInput },
  ({ ctx, query }) => listInvitations(ctx, query),
);

export const POST = projectRoute(
  { summary: "Invite somebody by e-mail.", permission: "member.manage", body: newInvitation, status: 201 },
  ({ ctx, body }) => createInvitation(ctx, body),
);
