/** Headers that tell how a body is to be read, or follow from its bytes: they are never redacted. */
export const readingHeaders: readonly string[] = [
  "content-type",
  "content-encoding",
  "content-length",
  "transfer-encoding",
];
