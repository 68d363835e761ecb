import { collectionItem, itemsQuery, listItems } from "@/lib/domain/collection/browse";
import { pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Items of a collection as people see them. Whole values: `/collections/{name}/{key}`.",
    scope: "read",
    permission: "collection.read",
    query: itemsQuery,
    response: pageOf(collectionItem),
  },
  ({ ctx, params, query }) => listItems(ctx, { id: params.collection ?? "", ...query }),
);
