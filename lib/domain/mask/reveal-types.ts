import { z } from "zod";
import { moment } from "@/lib/domain/fields";

const revealRow = z
  .strictObject({ by: z.string(), reason: z.string(), at: moment, endsAt: moment })
  .meta({ id: "Reveal" });
/** Of a receipt or a run: whether something of it is masked for whoever asks, and who has seen it all the same. */
export const maskedHere = z.strictObject({
  masking: z
    .strictObject({
      mayReveal: z.boolean().meta({ description: "The role may see it after saying why." }),
      revealedUntil: moment.nullable().meta({ description: "It is shown as it is until then." }),
    })
    .nullable()
    .meta({
      description: "What the project masks is shown as `•••`; null when nothing is masked for this role.",
    }),
  reveals: z
    .array(revealRow)
    .meta({ description: "Who revealed it and why, newest first; owner and admins are told." }),
});
export type MaskedHere = z.infer<typeof maskedHere>;
