import type { AnyCaller, Caller } from "@/lib/auth/context";
import {
  type Provisioned,
  type ProvisionOptions,
  provision,
  provisionNew,
} from "@/lib/domain/provision/provision";
import { provisionAnswer, provisionQuery, sentDocument } from "@/lib/domain/provision/schema";
import { Reply } from "@/lib/http/declaration";
import { isProject, openfnProject, openfnRoute } from "@/lib/http/openfn";
import { resolveAdaptor } from "@/lib/processes/host";
import { forbidden } from "@/lib/refusal";

export const POST = openfnRoute(
  {
    summary:
      "Makes a project what a document says, or a new one of it, as `openfn deploy` asks. Anybody who is signed in may make one, and owns it.",
    scope: "deploy",
    query: provisionQuery,
    body: sentDocument,
    isLarge: true,
    isExact: true,
    response: provisionAnswer,
    errors: ["conflict"],
    status: 201,
    work: "bulk",
  },
  async ({ ctx, query: { extensions = false }, body }) => {
    const { document, warnings } = await deploy(ctx, body, { source: "cli", extensions });
    const answer = { data: document, ...(extensions ? { warnings } : {}) };
    return new Reply(answer, { headers: { location: `/api/provision/${document.id}` } });
  },
);

async function deploy(
  caller: AnyCaller,
  document: Record<string, unknown>,
  options: ProvisionOptions,
): Promise<Provisioned> {
  const { id } = document;
  if (typeof id !== "string" || !(await isProject(caller, id)))
    return provisionNew(inPerson(caller), document, options, { resolveAdaptor });
  const ctx = await openfnProject(caller, id, "project.read");
  return provision(ctx, document, options, { resolveAdaptor });
}

/** A new project has an owner, whom a repository is not. */
function inPerson(caller: AnyCaller): Caller {
  if (isPersonal(caller)) return caller;
  throw forbidden();
}

const isPersonal = (caller: AnyCaller): caller is Caller => "userId" in caller.actor;
