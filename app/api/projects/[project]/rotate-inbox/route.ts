import { rotatedInbox, rotateInbox } from "@/lib/domain/project/rotate-inbox";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Give the project a new inbox URL; the old one stops working.",
    scope: "write",
    permission: "project.update",
    response: rotatedInbox,
  },
  ({ ctx }) => rotateInbox(ctx),
);
