import { pageOf } from "@/lib/domain/page";
import { listCertificates } from "@/lib/domain/person/certificates";
import { certificate, listPersonsInput } from "@/lib/domain/person/schemas";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the certificates of what was wiped of people's data, newest first.",
    scope: "read",
    permission: "person.read",
    query: listPersonsInput,
    response: pageOf(certificate),
  },
  ({ ctx, query }) => listCertificates(ctx, query),
);
