import { z } from "zod";
import { storable } from "@/lib/domain/fields";

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
  .max(200, "Choose a password of at most 200 characters.");

export const nameInput = storable.trim().min(1, "Enter your name.").max(100, "Use at most 100 characters.");

export const registration = z.strictObject({
  name: nameInput,
  email: emailInput,
  password: passwordInput,
  /** The token of an invitation's link. It proves the mailbox. */
  invitation: z.string().max(200).optional(),
});
