import { z } from "zod";
import { moment, storable } from "@/lib/domain/fields";
import { JsonPathError, parseJsonPath } from "@/lib/json-path";
import { limits, orSay } from "@/lib/limits";
import { personKinds, personStates, personVia } from "@/lib/words";

/** Fewer letters and numbers are in nearly everything. */
const leastChars = 3;

const keyText = storable
  .trim()
  .max(limits.personKey, orSay("personKey", "A key"))
  .refine((text) => (text.match(/[\p{L}\p{N}]/gu) ?? []).length >= leastChars, {
    error: `A key has at least ${leastChars} letters or numbers: fewer are in nearly everything.`,
  });

const path = z.string().superRefine((text, { addIssue }) => {
  try {
    parseJsonPath(text);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    addIssue({ code: "custom", message: error.message });
  }
});

const personKey = z.union([
  z.strictObject({
    text: keyText.meta({
      description: "Looked for everywhere, in any letter case and in the usual spellings.",
    }),
    isPart: z.boolean().default(false).meta({
      description: "It may be part of a longer word or number. Without, `P-10` is not found in `P-101`.",
    }),
  }),
  z.strictObject({
    path: path.meta({
      description:
        "Of a message as a job sees it (`$.data…`, `$.headers['x-…']`, `$.query…`), and of stored states (`$.data…`).",
    }),
    value: storable.trim().min(1, "Say which value.").max(limits.personKey, orSay("personKey", "A value")),
  }),
]);

export const findPersonInput = z.strictObject({
  keys: z
    .array(personKey)
    .min(1, "Name at least one thing that the person is known by.")
    .max(limits.personKeys, orSay("personKeys", "The search"))
    .meta({ description: "What the person is known by: names, numbers, addresses. One of them is enough." }),
});

export const personId = z.strictObject({ id: z.uuid() });

const why = storable.trim().min(10, "Say why, in ten characters or more.").max(500);

export const wipePersonInput = z.strictObject({
  id: z.uuid(),
  reason: why.meta({
    description: "It stands in the certificate, so it must not hold what the person is known by.",
  }),
  kinds: z.array(z.enum(personKinds)).min(1).max(personKinds.length).optional().meta({
    description:
      "Without: all that can be wiped but `saved_input` (named inputs) and `cursor` (what a cron trigger's next run begins with), which have to be asked for.",
  }),
  leave: z
    .array(z.int().positive())
    .max(limits.personLeft, orSay("personLeft", "The list"))
    .default([])
    .meta({ description: "Things, by `seq`, that are left as they are." }),
});

const kindCount = z.strictObject({
  kind: z.enum(personKinds),
  count: z.int(),
  found: z
    .int()
    .meta({ description: "Of these, those that hold a key themselves; the others were made from them." }),
  wiped: z.int(),
});

/** A search for one person's data, and what became of it. */
export const personRequest = z
  .strictObject({
    id: z.uuid(),
    state: z.enum(personStates),
    keyCount: z.int(),
    keys: z
      .array(z.string())
      .nullable()
      .meta({ description: "As they were asked for; null once they were thrown away." }),
    progress: z.number().meta({ description: "Of the search, from 0 to 1." }),
    place: z.string().nullable().meta({ description: "What is looked through now." }),
    until: moment.meta({ description: "What was written before is looked through." }),
    seen: z.int(),
    found: z.int(),
    waiting: z.int().meta({ description: "Chosen things that wait for their runs to end." }),
    wiped: z.int(),
    reason: z.string().nullable(),
    problem: z.string().nullable(),
    certificateId: z.uuid().nullable(),
    createdBy: z.string(),
    createdAt: moment,
    endedAt: moment.nullable(),
  })
  .meta({ id: "PersonRequest" });
export type PersonRequest = z.infer<typeof personRequest>;

const recipient = z.strictObject({
  host: z.string(),
  steps: z.int().meta({ description: "Steps, of those that are part of it, that sent something there." }),
});

export const personDetail = personRequest.extend({
  kinds: z.array(
    kindCount.extend({
      name: z.string().meta({ description: "What so many of them are called." }),
      canBeWiped: z.boolean(),
      isAskedFor: z.boolean().meta({ description: "It is wiped only when it is named." }),
      says: z.string().meta({ description: "What wiping does to it, or why it cannot be wiped here." }),
    }),
  ),
  recipients: z
    .array(recipient)
    .meta({ description: "Hosts that its steps sent something to: what they keep, Waybill does not reach." }),
});
export type PersonDetail = z.infer<typeof personDetail>;

export const listPersonsInput = z.strictObject({
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

export const listPersonItemsInput = z.strictObject({
  id: z.uuid(),
  kind: z.enum(personKinds).default("message"),
  cursor: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const personItem = z
  .strictObject({
    seq: z.int(),
    kind: z.enum(personKinds),
    itemId: z.uuid(),
    source: z.string().nullable().meta({ description: "The table, of what has no page of its own." }),
    via: z.enum(personVia),
    places: z.array(z.string()).meta({ description: "Where in it a key is." }),
    excerpt: z
      .string()
      .nullable()
      .meta({ description: "What stands around the key, until the key is thrown away." }),
    at: moment,
    messageId: z.uuid().nullable(),
    runId: z.uuid().nullable(),
    isChosen: z.boolean(),
    wipedAt: moment.nullable(),
  })
  .meta({ id: "PersonItem" });
export type PersonItem = z.infer<typeof personItem>;

/** What a certificate says, as it is signed. */
export const certificateContent = z.strictObject({
  version: z.literal(1),
  id: z.uuid(),
  project: z.strictObject({ id: z.uuid(), name: z.string() }),
  requestId: z.uuid(),
  askedAt: moment,
  wipedAt: moment,
  by: z.uuid().nullable(),
  reason: z.string(),
  keys: z.array(z.string()).meta({
    description: "Keyed digests: a key can be checked against them, and nothing be read from them.",
  }),
  wiped: z.array(z.strictObject({ kind: z.enum(personKinds), count: z.int() })),
  things: z
    .string()
    .meta({ description: "SHA-256 of the list of what was wiped: `kind id`, a line each, in order." }),
  lookedThroughUntil: moment.meta({
    description: "After the wipe, everything that was written before was looked through once more.",
  }),
  left: z
    .array(z.strictObject({ kind: z.enum(personKinds), count: z.int() }))
    .meta({ description: "What held a key then: it was left on purpose, or cannot be wiped here." }),
  recipients: z.array(z.string()).meta({ description: "Hosts that jobs had sent something of it to." }),
});
export type CertificateContent = z.infer<typeof certificateContent>;

export const certificate = z
  .strictObject({
    ...certificateContent.shape,
    byLabel: z.string(),
    isIntact: z
      .boolean()
      .meta({ description: "It is as it was signed, with the keys of this installation." }),
  })
  .meta({ id: "WipeCertificate" });
export type Certificate = z.infer<typeof certificate>;

export const checkCertificateInput = z.strictObject({ id: z.uuid(), key: personKey });
export const certificateCheck = z.strictObject({
  isNamed: z.boolean().meta({ description: "This key is one of those that the person was known by." }),
});
