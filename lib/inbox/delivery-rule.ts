import { z } from "zod";
import { deliveryPath, headerNamePattern } from "@/lib/workflow/delivery-names";

/** A field name of HTTP (RFC 9110, 5.1). */
export const headerName = z
  .string()
  .regex(headerNamePattern, "Enter the name of a header, such as X-Signature.")
  .max(100);

/** Where senders to a URL name a delivery, and for how long a repeat is recognised. */
export const deliveryRule = z
  .strictObject({
    header: headerName
      .toLowerCase()
      .exactOptional()
      .meta({ description: "Instead of Idempotency-Key, webhook-id and X-GitHub-Delivery." }),
    path: z
      .string()
      .regex(deliveryPath, "Write data, and then keys of the body with dots between, such as data.event.id.")
      .max(200)
      .exactOptional()
      .meta({
        description:
          "Of the body, such as data.event.id; where there is a header too, for requests without it.",
      }),
    hours: z.int().min(1).max(720).exactOptional().meta({ description: "24 when absent." }),
  })
  .refine((rule) => Object.keys(rule).length > 0, "Name a header, a path, or the hours.");

/** Messages a minute. */
export const ratePerMinute = z.int().min(1).max(1_000_000);
