import { deleteCredential } from "@/lib/domain/credential/delete";
import { getCredential, ownCredential } from "@/lib/domain/credential/get";
import { credentialUpdate, updateCredential } from "@/lib/domain/credential/update";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

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
    response: noContent,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => updateCredential(ctx, { ...body, credentialId: params.credential ?? "" }),
);

export const DELETE = userRoute(
  { summary: "Delete one of your credentials everywhere.", scope: "write", response: noContent },
  ({ ctx, params }) => deleteCredential(ctx, { credentialId: params.credential ?? "" }),
);
