/** A text of somebody else's for a terminal: signs that would command it are shown and not obeyed. */
export const printable = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]/gu, (sign) =>
    sign === "\r" ? "" : `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
