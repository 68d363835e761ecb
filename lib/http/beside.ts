import { z } from "zod";
import type { Actor } from "@/lib/domain/context";

type Asked = { ctx: { actor: Actor }; request: Request };

/**
 * Whether OpenFn's members stand beside ours where both APIs have an address: for an API token that asks for nothing by a
 * key that OpenFn's query (`theirs`) lacks.
 */
export const isOpenfns = ({ ctx, request }: Asked, theirs: z.ZodObject = z.object({})): boolean =>
  ctx.actor.type === "token" &&
  [...new URL(request.url).searchParams.keys()].every((key) => key in theirs.shape);

/** Our answer, and beside it, for API tokens alone, the members of OpenFn's. */
export const beside = <O extends z.ZodRawShape, T extends z.ZodRawShape>(
  ours: z.ZodObject<O, z.core.$strict>,
  theirs: z.ZodObject<T, z.core.$strict>,
) => ours.extend(theirs.partial().shape);
