import { scheduledDeletion } from "@/lib/domain/project/delete";
import { accountDeletion, deleteUser } from "@/lib/domain/user/delete";
import { getUser, profile } from "@/lib/domain/user/get";
import { profileInput, updateUser } from "@/lib/domain/user/update";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute({ summary: "Your own account.", scope: "read", response: profile }, ({ ctx }) =>
  getUser(ctx),
);

export const PATCH = userRoute(
  { summary: "Change your name.", scope: "write", body: profileInput, response: profileInput },
  ({ ctx, body }) => updateUser(ctx, body),
);

export const DELETE = userRoute(
  {
    summary: "Delete your account, seven days from now. Until then, signing in lets you take that back.",
    scope: "browser",
    sensitive: ["account.delete"],
    body: accountDeletion,
    response: scheduledDeletion,
    errors: ["conflict"],
  },
  ({ ctx, body }) => deleteUser(ctx, ctx.actor.userId, body),
);
