import { z } from "zod";
import { getOpenfnCredential, listOpenfnCredentials } from "@/lib/domain/credential/openfn/document";
import { createOpenfnCredential, newOpenfnCredential } from "@/lib/domain/credential/openfn/save";
import { openfnRoute } from "@/lib/http/openfn";
import { personOf, withToken } from "@/lib/http/openfn-person";
import { credentialAnswer, credentialsAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  {
    summary: "Your own credentials without their secrets, as OpenFn's API lists them.",
    scope: "read",
    query: z.strictObject({}),
    response: credentialsAnswer,
  },
  async ({ ctx: caller }) => {
    const { ctx, seen } = await personOf(caller);
    return { credentials: await listOpenfnCredentials(ctx, seen), errors: {} };
  },
);

export const POST = openfnRoute(
  {
    summary:
      "Store a credential and share it with projects, in OpenFn's shape. Its secret is not in the answer.",
    scope: "write",
    body: newOpenfnCredential,
    response: credentialAnswer,
    status: 201,
    errors: ["conflict"],
  },
  async ({ ctx: caller, body }) => {
    const { ctx, seen } = await personOf(withToken(caller));
    const id = await createOpenfnCredential(ctx, body, seen);
    return { credential: await getOpenfnCredential(ctx, { id, seen }), errors: {} };
  },
);
