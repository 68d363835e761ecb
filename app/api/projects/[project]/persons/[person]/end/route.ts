import { endPerson } from "@/lib/domain/person/end";
import { personRequest } from "@/lib/domain/person/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Ends a search: what the person is known by, and the list of what was found, are thrown away.",
    scope: "write",
    permission: "person.manage",
    response: personRequest,
    errors: ["conflict"],
  },
  ({ ctx, params }) => endPerson(ctx, { id: idParam.parse(params.person) }),
);
