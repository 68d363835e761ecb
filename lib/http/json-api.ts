import { z } from "zod";
import type { Numbered } from "@/lib/domain/numbered/page";
import { requestOrigin } from "./origin";

const links = z.strictObject({
  self: z.string(),
  first: z.string(),
  last: z.string(),
  prev: z.string().nullable(),
  next: z.string().nullable(),
});

const meta = z.strictObject({
  total_entries: z.int().meta({
    description:
      "Counted up to 10,000, and where no index has what is asked, among the newest 10,000 of the rest.",
  }),
  total_pages: z.int(),
  page_number: z.int(),
  page_size: z.int(),
});

/** A thing as OpenFn's API shows it: its attributes apart. */
export const resourceOf = <A extends z.ZodType>(type: string, attributes: A) =>
  z.strictObject({
    type: z.literal(type),
    id: z.string(),
    links: z.strictObject({ self: z.string() }),
    relationships: z.strictObject({}),
    attributes,
  });

/** What OpenFn's API answers to a list, and to one thing. */
export const resourceList = <R extends z.ZodType>(resource: R) =>
  z.strictObject({ data: z.array(resource), included: z.array(z.never()), links, meta });
export const oneResource = <R extends z.ZodType>(resource: R) =>
  z.strictObject({
    data: resource,
    included: z.array(z.never()),
    links: z.strictObject({ self: z.string() }),
  });

/** A thing with its own address, `path` of this server. */
export const resource = <T extends string, A>(
  request: Request,
  path: string,
  { type, id, attributes }: { type: T; id: string; attributes: A },
) => ({
  type,
  id,
  links: { self: requestOrigin(request) + path },
  relationships: {},
  attributes,
});

/** A list's answer around its entries. */
export const listAnswer = <E>(request: Request, page: Omit<Numbered<unknown>, "items">, data: E[]) => ({
  data,
  included: [],
  links: pageLinks(request, page),
  meta: {
    total_entries: page.total,
    total_pages: page.totalPages,
    page_number: page.page,
    page_size: page.pageSize,
  },
});

/** The answer around one thing. */
export const oneAnswer = <E>(request: Request, data: E) => ({
  data,
  included: [],
  links: { self: addressOf(request) },
});

function pageLinks(request: Request, { page, totalPages }: Omit<Numbered<unknown>, "items">) {
  return {
    self: addressOf(request),
    first: addressOf(request, 1),
    last: addressOf(request, totalPages),
    prev: page > 1 ? addressOf(request, page - 1) : null,
    next: page < totalPages ? addressOf(request, page + 1) : null,
  };
}

/** Where this was asked for, or another page of it. */
function addressOf(request: Request, page?: number): string {
  const { pathname, searchParams } = new URL(request.url);
  if (page !== undefined) searchParams.set("page", String(page));
  const query = searchParams.toString();
  return `${requestOrigin(request)}${pathname}${query ? `?${query}` : ""}`;
}
