import { pageOf } from "@/lib/domain/page";
import { listPersonItems } from "@/lib/domain/person/get";
import { listPersonItemsInput, personItem } from "@/lib/domain/person/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the things of one kind that a search found.",
    scope: "read",
    permission: "person.read",
    query: listPersonItemsInput.omit({ id: true }),
    response: pageOf(personItem),
  },
  ({ ctx, params, query }) => listPersonItems(ctx, { ...query, id: idParam.parse(params.person) }),
);
