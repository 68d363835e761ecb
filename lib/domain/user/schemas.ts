import { z } from "zod";
import { storable } from "@/lib/domain/fields";
import { limits } from "@/lib/limits";
import { type Person, passwordWeakness } from "@/lib/passwords/weakness";
import { invalid } from "@/lib/refusal";

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

/**
 * Throws `invalid`, at `field`, for a password that is among the first that are guessed. Asked wherever one is chosen;
 * those that were chosen before go on working.
 */
export async function refuseWeakPassword(
  password: string,
  person: Person,
  field = "password",
): Promise<void> {
  const sentence = await passwordWeakness(password, person);
  if (sentence) throw invalid(sentence, { [field]: [sentence] });
}

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
