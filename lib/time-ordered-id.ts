let lastMs = 0;
let counter = 0;
/** Random bytes, asked for in stock: each time costs more than an id. */
const random = new Uint8Array(1_024);
let used = random.length;
/** How each byte is written. */
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A UUIDv7: time-ordered, also among ids made within one millisecond by this process. */
export function newTimeOrderedId(): string {
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  if (used === random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  let tail = hex[((random[used] ?? 0) & 0x3f) | 0x80] ?? "";
  for (let i = 1; i < 8; i += 1) tail += hex[random[used + i] ?? 0];
  used += 8;
  const time = lastMs.toString(16).padStart(12, "0");
  const rest = counter.toString(16).padStart(3, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

/** When a time-ordered id was made, as ISO. */
export const timeOfId = (id: string): string =>
  new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString();
