import { named } from "@/lib/domain/fields";
import { createKeychain } from "@/lib/domain/keychain/create";
import { keychainSummary, listKeychains } from "@/lib/domain/keychain/list";
import { newKeychain } from "@/lib/domain/keychain/schemas";
import { pageInput, pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Keychains, which choose a credential by a step's input.",
    scope: "read",
    permission: "project.read",
    query: pageInput,
    response: pageOf(keychainSummary),
  },
  ({ ctx, query }) => listKeychains(ctx, query),
);

export const POST = projectRoute(
  {
    summary: "Make a keychain, which jobs have instead of a credential.",
    scope: "write",
    permission: "keychain.manage",
    body: newKeychain,
    response: named,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, body }) => createKeychain(ctx, body),
);
