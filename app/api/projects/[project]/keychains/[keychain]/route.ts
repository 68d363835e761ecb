import { deleteKeychain } from "@/lib/domain/keychain/delete";
import { keychainUpdate, updateKeychain } from "@/lib/domain/keychain/update";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const PATCH = projectRoute(
  {
    summary: "Rename a keychain, or change how it chooses.",
    scope: "write",
    permission: "keychain.manage",
    body: keychainUpdate.omit({ keychainId: true }),
    response: noContent,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => updateKeychain(ctx, { ...body, keychainId: params.keychain ?? "" }),
);

export const DELETE = projectRoute(
  {
    summary: "Delete a keychain. Its jobs fail until they get another, or a credential.",
    scope: "write",
    permission: "keychain.manage",
    response: noContent,
  },
  ({ ctx, params }) => deleteKeychain(ctx, { keychainId: params.keychain ?? "" }),
);
