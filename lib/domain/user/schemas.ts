import { z } from "zod";
import { storable } from "@/lib/domain/fields";
import { limits } from "@/lib/limits";

/** Trimmed and lower-cased: one mailbox is one user. */
export const emailInput = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email("Enter an e-mail address such as ada@example.org."));

export const passwordInput = z
  .string()
  .min(10, "Choose a password of at least 10 characters.")
  .max(limits.password, `Choose a password of at most ${limits.password} characters.`);

/** A password to be compared with the stored one. */
export const givenPassword = z.string().max(limits.password);

export const nameInput = storable
  .trim()
  .min(1, "Enter your name.")
  .max(limits.personName, `Use at most ${limits.personName} characters.`);

export const registration = z.strictObject({
  name: nameInput,
  email: emailInput,
  password: passwordInput,
  /** The token of an invitation's link. It proves the mailbox. */
  invitation: z.string().max(200).optional(),
});
