import { getCertificate } from "@/lib/domain/person/certificates";
import { certificate } from "@/lib/domain/person/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Reads a certificate: what was wiped, when, by whom and why, without the data.",
    scope: "read",
    permission: "person.read",
    response: certificate,
  },
  ({ ctx, params }) => getCertificate(ctx, { id: idParam.parse(params.certificate) }),
);
