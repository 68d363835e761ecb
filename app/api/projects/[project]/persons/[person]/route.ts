import { getPerson } from "@/lib/domain/person/get";
import { personDetail } from "@/lib/domain/person/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Reads a search for a person's data: how far it is, what it found by kind, and whom jobs sent something of it to.",
    scope: "read",
    permission: "person.read",
    response: personDetail,
  },
  ({ ctx, params }) => getPerson(ctx, idParam.parse(params.person)),
);
