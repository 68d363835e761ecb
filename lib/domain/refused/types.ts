import { z } from "zod";
import { moment } from "@/lib/domain/fields";
import type { SignatureProblem } from "@/lib/inbox/verify";
import { type RefusalCause, refusalCauses } from "@/lib/words";

export const refusedRow = z
  .strictObject({
    id: z.uuid().meta({ description: "Also the id of the message that it becomes when it is accepted." }),
    receivedAt: moment,
    cause: z.enum(refusalCauses),
    why: z.string().meta({ description: "The cause in a sentence." }),
    status: z.int().meta({ description: "What its sender was answered." }),
    triggerId: z
      .uuid()
      .nullable()
      .meta({ description: "Whose URL was called; null for the project's inbox URL." }),
    workflowName: z.string().nullable(),
    method: z.string(),
    contentType: z.string().nullable(),
    size: z.int().meta({ description: "Bytes that were sent, as far as they were read." }),
    hasBody: z.boolean().meta({ description: "What was sent is kept: it can be accepted." }),
    preview: z.string(),
    messageId: z.uuid().nullable().meta({ description: "Of a repeat: the message that came first." }),
    acceptedAt: moment.nullable(),
    acceptedBy: z.string().nullable(),
  })
  .meta({ id: "RefusedRequest" });
export type RefusedRow = z.infer<typeof refusedRow>;

export const refusedDetail = z
  .strictObject({
    ...refusedRow.shape,
    path: z.array(z.string()),
    query: z.record(z.string(), z.json()),
    headers: z.record(z.string(), z.string()).meta({ description: "Without what may be a secret." }),
    body: z
      .strictObject({ encoding: z.enum(["text", "base64"]), content: z.string(), truncated: z.boolean() })
      .nullable(),
  })
  .meta({ id: "RefusedRequestDetail" });
export type RefusedDetail = z.infer<typeof refusedDetail>;

const sentences: Record<RefusalCause, string> = {
  no_credentials: "The URL asks for credentials, and it brought none.",
  wrong_credentials: "Its credentials are none of those that the URL takes.",
  wrong_signature: "Its signature is wrong.",
  disabled: "The URL was switched off.",
  too_large: "It was larger than what the project takes, or than a job could process.",
  unredactable:
    "The project redacts parts of bodies before they are stored, and this one is not written so that they can be found.",
  unreadable: "Its content coding could not be undone, so nobody could read it.",
  too_many: "More messages came within a minute than the URL or the project takes.",
  plan: "The project's plan had no run left for it, of the month or of the minute.",
  backlog: "Too many of the project's runs waited.",
  repeat: "It had come before, with the same delivery id and content, and was not run again.",
};

/** Why a request made no message. `detail` is what was kept beside the cause. */
export function whySentence(cause: RefusalCause, detail: string | null): string {
  if (detail === null) return sentences[cause];
  if (cause !== "wrong_signature") return detail;
  const { method, header, why } = JSON.parse(detail) as SignatureProblem;
  const words: Record<typeof why, string> = {
    absent: "is not there",
    malformed: "is not written as that method's signatures are",
    stale: "says a time that is too long ago, or still to come",
    mismatch: "was not made with that method's secret, or not for these bytes and this URL",
  };
  return `The header ${header} ${words[why]} (${method}).`;
}
