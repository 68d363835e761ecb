import { personRequest, wipePersonInput } from "@/lib/domain/person/schemas";
import { wipePerson } from "@/lib/domain/person/wipe";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Wipes what a search found, for good and in the background. What runs have in hand waits for their end. A certificate says what was wiped.",
    scope: "write",
    permission: "person.manage",
    body: wipePersonInput.omit({ id: true }),
    response: personRequest,
    sensitive: ["person.wipe"],
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => wipePerson(ctx, { ...body, id: idParam.parse(params.person) }),
);
