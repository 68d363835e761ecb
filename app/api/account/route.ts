import { getUser, profile } from "@/lib/domain/user/get";
import { profileInput, updateUser } from "@/lib/domain/user/update";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute({ summary: "Your own account.", response: profile }, ({ ctx }) => getUser(ctx));

export const PATCH = userRoute(
  { summary: "Change your name.", body: profileInput, response: profileInput },
  ({ ctx, body }) => updateUser(ctx, body),
);
