import { open, seal } from "@/lib/crypto/envelope";

/** What a person's secret is sealed for: it opens as nobody else's. */
export const secretContext = (userId: string): string => `second-factor:${userId}`;

export const sealSecret = (userId: string, secret: string): string => seal(secret, secretContext(userId));
export const openSecret = (userId: string, envelope: string): string => open(envelope, secretContext(userId));
