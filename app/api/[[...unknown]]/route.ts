import { errorResponse } from "@/lib/http/errors";
import { Refusal } from "@/lib/refusal";

/** What no route answers: JSON, as everything else here. */
async function unknown(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  return errorResponse(
    new Refusal("not_found", `There is nothing at ${pathname}. GET /api/openapi.json lists every route.`),
  );
}

export {
  unknown as DELETE,
  unknown as GET,
  unknown as HEAD,
  unknown as OPTIONS,
  unknown as PATCH,
  unknown as POST,
  unknown as PUT,
};
