/** Who to count attempts against: the sender as our own server names it (lib/http/forwarded.ts). */
export const clientAddress = (headers: Headers): string => headers.get("x-waybill-sender") ?? "unknown";
