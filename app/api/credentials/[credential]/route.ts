import { z } from "zod";
import { getOpenfnCredential } from "@/lib/domain/credential/openfn/document";
import { deleteOpenfnCredential, putOpenfnCredential } from "@/lib/domain/credential/openfn/save";
import { ownEmail } from "@/lib/domain/user/email";
import { noContent, Reply } from "@/lib/http/declaration";
import { openfnRoute } from "@/lib/http/openfn";
import { personOf, withToken } from "@/lib/http/openfn-person";
import { credentialAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  {
    summary: "One of your own credentials without its secret, as OpenFn's API shows it.",
    scope: "read",
    response: credentialAnswer,
  },
  async ({ ctx: caller, params: { credential: id = "" } }) => {
    const { ctx, seen } = await personOf(caller);
    return { credential: await getOpenfnCredential(ctx, { id, seen }), errors: {} };
  },
);

export const PUT = openfnRoute(
  {
    summary:
      "Store a credential under an id, or replace name, schema and secret of yours that has it, in OpenFn's shape. Links to projects are only added.",
    scope: "write",
    body: z.looseObject({}),
    response: credentialAnswer,
    otherStatuses: [201],
    errors: ["conflict"],
  },
  async ({ ctx: caller, params, body }) => {
    const { ctx, seen } = await personOf(withToken(caller));
    const email = await ownEmail(ctx);
    const { id, isNew } = await putOpenfnCredential(ctx, { id: params.credential ?? "", body, email, seen });
    const credential = await getOpenfnCredential(ctx, { id, seen });
    return new Reply({ credential, errors: {} }, { status: isNew ? 201 : 200 });
  },
);

export const DELETE = openfnRoute(
  { summary: "Delete one of your own credentials, everywhere.", scope: "write", response: noContent },
  async ({ ctx: caller, params: { credential: id = "" } }) => {
    const { ctx } = await personOf(withToken(caller));
    return deleteOpenfnCredential(ctx, { id });
  },
);
