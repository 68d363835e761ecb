import { z } from "zod";
import { named, storable } from "@/lib/domain/fields";
import { limits } from "@/lib/limits";
import { isStorable } from "@/lib/text";
import { oauthProviders, tokenAuthMethods } from "@/lib/words";
import { knownProviders } from "./providers";

const address = z
  .string()
  .trim()
  .max(1_000)
  .refine(isAddress, "Write a whole address, such as https://login.example.org/oauth2/token.");

/** Plain `http:` is for a provider on one's own machine or network: the egress policy decides. */
function isAddress(text: string): boolean {
  if (!isStorable(text) || !URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return ["https:", "http:"].includes(protocol) && !username && !password && !hash;
}

/** Scopes as RFC 6749 §3.3 writes them. */
const scopes = z
  .string()
  .trim()
  .max(4_000)
  .regex(/^[\x21\x23-\x5B\x5D-\x7E ]*$/, "Write scopes with blanks between them, without quotation marks.")
  .transform((text) => text.split(/ +/).filter(Boolean).join(" "));

/** What we say ourselves. */
const reserved = new Set([
  "response_type",
  "client_id",
  "client_secret",
  "redirect_uri",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
]);

const parameters = z
  .record(
    z.string().regex(/^[\w.-]{1,64}$/, "Names of parameters are letters, digits, _, - and dots."),
    storable.max(500),
  )
  .refine((given) => Object.keys(given).length <= 20, "Use at most 20 parameters.")
  .refine(
    (given) => !Object.keys(given).some((name) => reserved.has(name)),
    `Leave out what is said for you: ${[...reserved].join(", ")}.`,
  );

const fields = {
  name: storable
    .trim()
    .min(1, "Enter a name, such as Google of the ministry.")
    .max(limits.credentialName, `Use at most ${limits.credentialName} characters.`),
  provider: z.enum(oauthProviders),
  clientId: storable.trim().min(1, "Enter the client id that the service gave you.").max(500),
  clientSecret: storable.trim().min(1).max(2_000).nullable(),
  tokenAuth: z.enum(tokenAuthMethods),
  authorizationUrl: address,
  tokenUrl: address,
  scopes,
  parameters,
};

const isWhole = ({ clientSecret, tokenAuth }: { clientSecret?: string | null; tokenAuth?: string }) =>
  tokenAuth === "none" ? !clientSecret : Boolean(clientSecret);

/** A new client; what is left out of a known service is filled in. */
export const newOauthClient = z
  .strictObject({
    name: fields.name,
    provider: fields.provider,
    clientId: fields.clientId,
    clientSecret: fields.clientSecret.default(null),
    tokenAuth: fields.tokenAuth.default("client_secret_post"),
    authorizationUrl: fields.authorizationUrl.optional(),
    tokenUrl: fields.tokenUrl.optional(),
    scopes: fields.scopes.optional(),
    parameters: fields.parameters.optional(),
  })
  .refine(isWhole, {
    path: ["clientSecret"],
    error:
      'A client has a secret, or `tokenAuth` is "none": a public client, which proves itself by PKCE alone.',
  })
  .transform((given, ctx) => {
    const known = given.provider === "generic" ? undefined : knownProviders[given.provider];
    const authorizationUrl = given.authorizationUrl ?? known?.authorizationUrl;
    const tokenUrl = given.tokenUrl ?? known?.tokenUrl;
    for (const [name, value] of Object.entries({ authorizationUrl, tokenUrl }))
      if (value === undefined)
        ctx.addIssue({
          code: "custom",
          path: [name],
          message: "Enter the address that the service documents.",
        });
    if (authorizationUrl === undefined || tokenUrl === undefined) return z.NEVER;
    return {
      ...given,
      authorizationUrl,
      tokenUrl,
      scopes: given.scopes ?? known?.scopes ?? "",
      parameters: given.parameters ?? known?.parameters ?? {},
    };
  });

/** What of a client can be changed; its service cannot. */
export const oauthClientUpdate = z.strictObject({
  oauthClientId: z.uuid(),
  name: fields.name.optional(),
  clientId: fields.clientId.optional(),
  clientSecret: fields.clientSecret.optional(),
  tokenAuth: fields.tokenAuth.optional(),
  authorizationUrl: fields.authorizationUrl.optional(),
  tokenUrl: fields.tokenUrl.optional(),
  scopes: fields.scopes.optional(),
  parameters: fields.parameters.optional(),
});

export const oauthClientId = z.strictObject({ oauthClientId: z.uuid() });

/** A client as everybody sees it who may connect with it: never the secret. */
export const oauthClientSummary = z
  .strictObject({
    ...named.shape,
    provider: z.enum(oauthProviders),
    scopes: z.string(),
    /** Where its people sign in, and where their tokens come from. */
    hosts: z.array(z.string()),
    isGlobal: z.boolean(),
    isMine: z.boolean(),
    owner: z.string(),
    /** What its owner alone is told. */
    own: z
      .strictObject({
        clientId: z.string(),
        hasSecret: z.boolean(),
        tokenAuth: z.enum(tokenAuthMethods),
        authorizationUrl: z.string(),
        tokenUrl: z.string(),
        parameters: z.record(z.string(), z.string()),
        projects: z.array(named),
        credentials: z.int(),
      })
      .nullable(),
  })
  .meta({ id: "OauthClient" });
export type OauthClientSummary = z.infer<typeof oauthClientSummary>;
