import { checkCertificate } from "@/lib/domain/person/certificates";
import { certificateCheck, checkCertificateInput } from "@/lib/domain/person/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Says whether a key is one of those that the person of a certificate was known by.",
    scope: "write",
    permission: "person.manage",
    body: checkCertificateInput.omit({ id: true }),
    response: certificateCheck,
  },
  ({ ctx, params, body }) => checkCertificate(ctx, { ...body, id: idParam.parse(params.certificate) }),
);
