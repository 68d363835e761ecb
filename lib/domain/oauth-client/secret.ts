import { open, seal } from "@/lib/crypto/envelope";

/** What the envelope of a client's secret is sealed for. */
export const secretContext = (id: string): string => `oauth_client:${id}`;

export const sealSecret = (id: string, secret: string): string => seal(secret, secretContext(id));

export const openSecret = (id: string, envelope: string): string => open(envelope, secretContext(id));
