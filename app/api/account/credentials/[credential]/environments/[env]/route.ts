import { deleteCredentialEnvironment } from "@/lib/domain/credential/environment/delete";
import { getCredentialEnvironment, ownEnvironment } from "@/lib/domain/credential/environment/get";
import { environmentUpdate, setCredentialEnvironment } from "@/lib/domain/credential/environment/set";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  {
    summary: "What one of your credentials is in an environment, with its secret.",
    scope: "browser",
    sensitive: ["credential.read"],
    response: ownEnvironment,
  },
  ({ ctx, params }) =>
    getCredentialEnvironment(ctx, { credentialId: params.credential ?? "", env: params.env ?? "" }),
);

export const PUT = userRoute(
  {
    summary: "Say what one of your credentials is in an environment, or where it may be sent there.",
    scope: "write",
    sensitive: [
      { act: "credential.replace", when: ({ body }) => body !== undefined },
      { act: "credential.hosts", when: ({ allowedHosts }) => allowedHosts !== undefined },
    ],
    body: environmentUpdate.omit({ credentialId: true, env: true }),
    response: noContent,
  },
  ({ ctx, params, body }) =>
    setCredentialEnvironment(ctx, {
      ...body,
      credentialId: params.credential ?? "",
      env: params.env ?? "",
    }),
);

export const DELETE = userRoute(
  {
    summary: "Delete what one of your credentials is in an environment.",
    scope: "write",
    response: noContent,
  },
  ({ ctx, params }) =>
    deleteCredentialEnvironment(ctx, { credentialId: params.credential ?? "", env: params.env ?? "" }),
);
