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
