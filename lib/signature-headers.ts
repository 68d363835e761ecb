import type { GenericScheme, SecretHeaderScheme, SignatureEncoding, SignatureScheme } from "@/lib/words";

const plain = (header: string, encoding: SignatureEncoding, prefix = ""): GenericScheme => ({
  preset: "generic",
  header,
  algorithm: "sha256",
  encoding,
  prefix,
});
export const github = plain("x-hub-signature-256", "hex", "sha256=");
/** How CommCare's own servers sign for each other and for CommCare Connect. Its data forwarding signs nothing. */
export const commcare = plain("x-mac-digest", "base64");

const headers = {
  github: github.header,
  standard_webhooks: "webhook-signature",
  stripe: "stripe-signature",
  twilio: "x-twilio-signature",
  commcare: commcare.header,
} as const;

/** Whether the header carries the secret itself. */
export const isSecretHeader = (scheme: SignatureScheme): scheme is SecretHeaderScheme =>
  scheme.preset === "header" || scheme.preset === "kobo";

/** The header, in lower case, that carries the signature, or the secret. */
export const signatureHeader = (scheme: SignatureScheme): string =>
  "header" in scheme ? scheme.header : headers[scheme.preset];
