import { getCollection } from "@/lib/domain/collection/browse";
import { deleteCollection } from "@/lib/domain/collection/delete";
import { collectionSummary } from "@/lib/domain/collection/list";
import { renameCollection } from "@/lib/domain/collection/rename";
import { collectionInput } from "@/lib/domain/collection/schemas";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "One collection, and how much it holds.",
    scope: "read",
    permission: "collection.read",
    response: collectionSummary,
  },
  ({ ctx, params }) => getCollection(ctx, { id: params.collection ?? "" }),
);

export const PATCH = projectRoute(
  {
    summary: "Rename a collection. Jobs find it by its new name alone.",
    scope: "write",
    permission: "collection.manage",
    body: collectionInput.omit({ id: true }),
    response: noContent,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => renameCollection(ctx, { id: params.collection ?? "", ...body }),
);

export const DELETE = projectRoute(
  {
    summary: "Delete a collection with all that it holds. Jobs that use it fail.",
    scope: "write",
    permission: "collection.manage",
    response: noContent,
  },
  ({ ctx, params }) => deleteCollection(ctx, { id: params.collection ?? "" }),
);
