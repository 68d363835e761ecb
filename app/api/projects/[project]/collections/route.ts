import { randomUUID } from "node:crypto";
import { createCollections } from "@/lib/domain/collection/create";
import { collectionSummary, collectionsQuery, listCollections } from "@/lib/domain/collection/list";
import { collectionInput } from "@/lib/domain/collection/schemas";
import { named } from "@/lib/domain/fields";
import { pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Collections, which jobs keep keys and values in. Their items: `/collections/{name}`.",
    scope: "read",
    permission: "collection.read",
    query: collectionsQuery,
    response: pageOf(collectionSummary),
  },
  ({ ctx, query }) => listCollections(ctx, query),
);

export const POST = projectRoute(
  {
    summary: "Make a collection.",
    scope: "write",
    permission: "collection.manage",
    body: collectionInput.omit({ id: true }),
    response: named,
    errors: ["conflict"],
    status: 201,
  },
  async ({ ctx, body: { name } }) => {
    const id = randomUUID();
    await createCollections(ctx, [{ id, name }]);
    return { id, name };
  },
);
