import { pageOf } from "@/lib/domain/page";
import { listPersons } from "@/lib/domain/person/get";
import { findPersonInput, listPersonsInput, personRequest } from "@/lib/domain/person/schemas";
import { findPerson } from "@/lib/domain/person/start";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the searches for people's data, newest first.",
    scope: "read",
    permission: "person.read",
    query: listPersonsInput,
    response: pageOf(personRequest),
  },
  ({ ctx, query }) => listPersons(ctx, query),
);

export const POST = projectRoute(
  {
    summary:
      "Looks for everything that holds one person's data, in the background: messages, what was made of them, logs, errors, issues, audit, refused requests, inputs and code.",
    scope: "write",
    permission: "person.manage",
    body: findPersonInput,
    response: personRequest,
    status: 201,
  },
  ({ ctx, body }) => findPerson(ctx, body),
);
