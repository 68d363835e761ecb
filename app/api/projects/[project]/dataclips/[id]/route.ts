import { nameDataclip, nameDataclipInput, namedDataclip } from "@/lib/domain/dataclip/name";
import { idParam, projectRoute } from "@/lib/http/route";

export const PATCH = projectRoute(
  {
    summary: "Names a stored state: it becomes a saved input and is never wiped. `null` takes the name away.",
    scope: "run",
    permission: "run.start",
    body: nameDataclipInput.omit({ id: true }),
    response: namedDataclip,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => nameDataclip(ctx, { ...body, id: idParam.parse(params.id) }),
);
