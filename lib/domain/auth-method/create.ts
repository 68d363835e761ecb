import { eq } from "drizzle-orm";
import { z } from "zod";
import { authMethods } from "@/db/schema";
import { seal } from "@/lib/crypto/envelope";
import { newToken } from "@/lib/crypto/token";
import { violates } from "@/lib/domain/constraint";
import type { Context } from "@/lib/domain/context";
import { lockProject, refuseOneMore } from "@/lib/domain/counted";
import { named, storable } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { env } from "@/lib/env";
import { headerName } from "@/lib/inbox/delivery-rule";
import { authDigest } from "@/lib/inbox/digest";
import { inboxKeys } from "@/lib/inbox/keys";
import { sealSecret } from "@/lib/inbox/sealed";
import { standardKey } from "@/lib/inbox/signature";
import { signatureContext } from "@/lib/inbox/verify";
import { conflict } from "@/lib/refusal";
import {
  authMethodTypes,
  type SignaturePreset,
  type SignatureScheme,
  signatureAlgorithms,
  signatureEncodings,
  signaturePresets,
} from "@/lib/words";

const name = storable.trim().min(1, "Enter a name, such as Kobo server.").max(100);
export const senderSecret = z.string().min(8, "Use at least 8 characters.").max(500);

/** Which presets leave something to be said. */
const takers: Record<"header" | "algorithm" | "encoding" | "prefix" | "toleranceSeconds", SignaturePreset[]> =
  {
    header: ["generic", "header", "kobo"],
    algorithm: ["generic"],
    encoding: ["generic"],
    prefix: ["generic", "header", "kobo"],
    toleranceSeconds: ["standard_webhooks", "stripe"],
  };

/** What is wrong with a secret that a sender of this preset is to sign with. */
export const secretProblem = (preset: SignaturePreset, secret: string): string | undefined =>
  preset === "standard_webhooks" && !standardKey(secret)
    ? "Enter the secret as the sender shows it: whsec_ and then base64."
    : undefined;

export const newAuthMethod = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("basic"),
    name,
    username: storable
      .min(1, "Enter a user name.")
      .max(200)
      .regex(/^[^:]+$/, "A user name holds no colon."),
    password: senderSecret,
    onInbox: z.boolean().default(false),
  }),
  z.strictObject({
    type: z.literal("api"),
    name,
    /** Made here when absent. */
    apiKey: senderSecret.optional(),
    onInbox: z.boolean().default(false),
  }),
  z
    .strictObject({
      type: z.literal("hmac"),
      name,
      /** What the sender signs with: HMAC over the bytes of the body. */
      secret: senderSecret,
      preset: z.enum(signaturePresets).default("github"),
      header: headerName.optional().meta({
        description:
          "With the presets generic and header, which need it, and kobo: x-kobo-secret when absent.",
      }),
      algorithm: z
        .enum(signatureAlgorithms)
        .optional()
        .meta({ description: "With the preset generic; sha256 when absent." }),
      encoding: z
        .enum(signatureEncodings)
        .optional()
        .meta({ description: "With the preset generic; hex when absent." }),
      prefix: z
        .string()
        .regex(/^([!-~][ -~]*)?$/, "Use characters of ASCII only, and no space at the start.")
        .max(50)
        .optional()
        .meta({
          description:
            "With the presets generic, header and kobo: what stands before the signature or secret, such as sha256=.",
        }),
      toleranceSeconds: z.int().min(10).max(86_400).optional().meta({
        description:
          "With the presets standard_webhooks and stripe, whose signatures say when: how long they count; 300 when absent.",
      }),
      onInbox: z.boolean().default(false),
    })
    .superRefine(({ preset, secret, ...scheme }, ctx) => {
      const say = (field: string, message: string) =>
        ctx.addIssue({ code: "custom", path: [field], message });
      for (const field of Object.keys(takers) as (keyof typeof takers)[])
        if (scheme[field] !== undefined && !takers[field].includes(preset))
          say(field, `Only the preset ${takers[field].join(", ")} takes this, not ${preset}.`);
      if ((preset === "generic" || preset === "header") && scheme.header === undefined)
        say("header", `Enter the header that carries the ${preset === "header" ? "secret" : "signature"}.`);
      const problem = secretProblem(preset, secret);
      if (problem) say("secret", problem);
    }),
]);

export const createdAuthMethod = z.strictObject({ ...named.shape, type: z.enum(authMethodTypes) });

export const secretContext = (projectId: string, methodName: string) =>
  `auth-method:${projectId}:${methodName}`;

/**
 * Adds a check for senders. It protects nothing until it is linked to triggers or to the inbox URL. Throws
 * `conflict` when the name is used. The secret can be read again with `revealAuthMethod`.
 */
export async function createAuthMethod(
  ctx: Context,
  input: z.input<typeof newAuthMethod>,
): Promise<z.infer<typeof createdAuthMethod>> {
  requirePermission(ctx, "auth_method.manage");
  const method = newAuthMethod.parse(input);
  const { username, value, digested } = secretOf(method);
  const { digestKey, sealingKey } = await inboxKeys(env().SECRET_KEY ?? "");
  const digest = await authDigest(digestKey, method.type, digested);
  const values: typeof authMethods.$inferInsert = {
    projectId: ctx.project.id,
    name: method.name,
    type: method.type,
    username,
    secret: seal(value, secretContext(ctx.project.id, method.name)),
    digest,
    ...(method.type === "hmac" ? await signing(ctx.project.id, method, sealingKey) : {}),
    onInbox: method.onInbox,
  };
  try {
    return await write(ctx, "auth_method.manage", async (tx) => {
      await lockProject(tx, ctx.project.id);
      await refuseOneMore(tx, "authMethods", {
        table: authMethods,
        where: eq(authMethods.projectId, ctx.project.id),
        whose: "The project",
      });
      const [row] = await tx.insert(authMethods).values(values).returning({ id: authMethods.id });
      if (!row) throw new Error("The authentication method was not inserted.");
      const { name, type, onInbox } = method;
      const after = {
        name,
        type,
        username,
        onInbox,
        ...(values.signature && { signature: values.signature }),
      };
      return {
        result: { id: row.id, name: method.name, type: method.type },
        audit: { event: "auth_method.create", itemId: row.id, after },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "auth_methods_name"))
      throw conflict(`There is already an authentication method named ${method.name}. Choose another name.`);
    throw error;
  }
}

/** The secret, and the text that senders' requests are compared by. */
function secretOf(method: z.infer<typeof newAuthMethod>) {
  if (method.type === "basic")
    return {
      username: method.username,
      value: method.password,
      digested: `${method.username}:${method.password}`,
    };
  if (method.type === "hmac") return { username: null, value: method.secret, digested: method.secret };
  const value = method.apiKey ?? newToken("wbk_").token;
  return { username: null, value, digested: value };
}

type Signing = Extract<z.infer<typeof newAuthMethod>, { type: "hmac" }>;

/** What the inbox verifies signatures with. */
async function signing(projectId: string, method: Signing, key: CryptoKey) {
  const context = signatureContext(projectId, method.name);
  return { signature: schemeOf(method), signatureSecret: await sealSecret(key, method.secret, context) };
}

function schemeOf({
  preset,
  header,
  algorithm,
  encoding,
  prefix,
  toleranceSeconds,
}: Signing): SignatureScheme {
  switch (preset) {
    case "generic":
      return {
        preset,
        header: (header ?? "").toLowerCase(),
        algorithm: algorithm ?? "sha256",
        encoding: encoding ?? "hex",
        prefix: prefix ?? "",
      };
    case "header":
    case "kobo":
      return { preset, header: (header ?? koboHeader).toLowerCase(), prefix: prefix ?? "" };
    case "standard_webhooks":
    case "stripe":
      return { preset, ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }) };
    default:
      return { preset };
  }
}

/** The custom header that Kobo is told to send: it signs nothing. */
const koboHeader = "x-kobo-secret";
