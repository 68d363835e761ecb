import { getStorage, storage } from "@/lib/domain/usage/storage";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "How many bytes a project's messages, states and logs take, by day and now, with a forecast.",
    scope: "read",
    permission: "project.read",
    response: storage,
  },
  ({ ctx }) => getStorage(ctx),
);
