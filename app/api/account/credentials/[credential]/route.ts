import { z } from "zod";
import { deleteCredential } from "@/lib/domain/credential/delete";
import { getCredential, ownCredential } from "@/lib/domain/credential/get";
import { credentialWarnings, warningsOf } from "@/lib/domain/credential/unknown-fields";
import { credentialUpdate, updateCredential } from "@/lib/domain/credential/update";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";
import { sharedRunner } from "@/lib/processes/runners";

export const GET = userRoute(
  {
    summary: "One of your credentials, with its secret.",
    scope: "browser",
    sensitive: ["credential.read"],
    response: ownCredential,
  },
  ({ ctx, params }) => getCredential(ctx, { credentialId: params.credential ?? "" }),
);

export const PATCH = userRoute(
  {
    summary: "Rename one of your credentials, replace its secret, or say where it may be sent.",
    scope: "write",
    sensitive: [
      { act: "credential.replace", when: ({ body }) => body !== undefined },
      { act: "credential.hosts", when: ({ allowedHosts }) => allowedHosts !== undefined },
    ],
    body: credentialUpdate.omit({ credentialId: true }),
    response: z.strictObject({ warnings: credentialWarnings }),
    errors: ["conflict"],
  },
  async ({ ctx, params, body }) => {
    const stored = await updateCredential(ctx, { ...body, credentialId: params.credential ?? "" });
    return { warnings: stored ? await warningsOf(ctx.db, stored, { runner: sharedRunner() }) : [] };
  },
);

export const DELETE = userRoute(
  { summary: "Delete one of your credentials everywhere.", scope: "write", response: noContent },
  ({ ctx, params }) => deleteCredential(ctx, { credentialId: params.credential ?? "" }),
);
