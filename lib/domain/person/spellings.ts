const jsonUnits = (text: string): string =>
  text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/**
 * How a text may be written where nobody knows in what: as it is, in JSON (as itself or in ASCII), in an address or a
 * form, in XML or HTML. Each once.
 */
export function spellingsOf(text: string): string[] {
  const inJson = JSON.stringify(text).slice(1, -1);
  const inAddress = encodeURIComponent(text.toWellFormed());
  return [
    ...new Set([
      text,
      inJson,
      jsonUnits(inJson),
      inAddress,
      inAddress.replaceAll("%20", "+"),
      inAddress.replaceAll("%40", "@"),
      text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign),
      text.replace(/[^ -~]/gu, (sign) => `&#${sign.codePointAt(0)};`),
    ]),
  ];
}
