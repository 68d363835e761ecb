import { keepInput, keepInputInput } from "@/lib/domain/dataclip/keep";
import { listSavedInputs, listSavedInputsInput } from "@/lib/domain/dataclip/list";
import { savedInput } from "@/lib/domain/dataclip/types";
import { pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the project's saved inputs by name.",
    scope: "read",
    permission: "run.read",
    query: listSavedInputsInput,
    response: pageOf(savedInput),
  },
  ({ ctx, query }) => listSavedInputs(ctx, query),
);

export const POST = projectRoute(
  {
    summary: "Saves a state under a name, for manual runs. It is never wiped.",
    scope: "run",
    permission: "run.start",
    body: keepInputInput,
    isLarge: true,
    isExact: true,
    response: savedInput,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, body }) => keepInput(ctx, body),
);
