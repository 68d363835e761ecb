import { z } from "zod";
import { limits, orSay } from "@/lib/limits";

/** OpenFn's: a name is part of an address as it is. */
const urlSafe = /^[a-z0-9]+([-_.][a-z0-9]+)*$/;

export const collectionName = z
  .string()
  .trim()
  .min(1, "Enter a name, such as facility-ids.")
  .max(limits.collectionName, orSay("collectionName", "The name"))
  .regex(
    urlSafe,
    "Collection name must be URL safe: small letters and digits, with -, _ or . between them, such as facility-ids.",
  );

export const collectionRef = z.strictObject({ id: z.uuid() });

/** A collection under an id that its maker chose, or the name under which a known one is to go on. */
export const collectionInput = z.strictObject({
  id: z.uuid().transform((id) => id.toLowerCase()),
  name: collectionName,
});
