/** A request that somebody sends from elsewhere. */
export type CopiedRequest = {
  method: string;
  url: string;
  /** Secrets are placeholders here: "<the API key>". */
  headers: readonly (readonly [name: string, value: string])[];
  /** Text in UTF-8, bytes, or a file that the reader has; null: none. */
  body: CopiedBody | null;
};
export type CopiedBody = { text: string } | { base64: string } | { file: string };

export const languages = ["curl", "powershell", "python", "javascript"] as const;
export type Language = (typeof languages)[number];

export const hasHeader = ({ headers }: CopiedRequest, wanted: string): boolean =>
  headers.some(([name]) => name.toLowerCase() === wanted);

/** A text that JavaScript and Python both read as it was. */
export const doubleQuoted = (text: string): string => JSON.stringify(text);

/** Text that stays as it is when it is copied into a terminal: no control characters, and no half of a pair. */
export const isPlain = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);

export function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
