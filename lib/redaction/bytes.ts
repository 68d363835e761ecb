const encoder = new TextEncoder();
const chunkBytes = 8192;

/** Bytes as a text with a character for each, which its parts are cut out of by their places. */
export function byteText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunkBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  return text;
}

/** The bytes of such a text. */
export function bytesOfText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** A text's bytes in UTF-8, as such a text; with a byte order mark for who would take them for another charset's. */
export const utf8Text = (text: string, isMarked = false): string =>
  byteText(encoder.encode(isMarked ? `\ufeff${text}` : text));
