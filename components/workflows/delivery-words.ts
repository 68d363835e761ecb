import type { DeliveryRule } from "@/lib/workflow/types";

/** Where a URL's senders name a delivery, and for how long a repeat is recognised. */
export function deliveryWords({ header, path, hours = 24 }: DeliveryRule): string {
  const places = [
    ...(header === undefined ? [] : [`the header ${header}`]),
    ...(path === undefined ? [] : [`${path} of the body`]),
  ];
  const where = places.length === 0 ? "the usual headers" : places.join(", or else ");
  return `${where}; a repeat is recognised for ${hours === 1 ? "an hour" : `${hours} hours`}`;
}
