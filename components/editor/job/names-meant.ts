const prefix = "@openfn/language-";
const shortName = /^(?:@?openfn\/)?(?:language-)?([a-z0-9][a-z0-9-]{0,60})$/;

/** Which known adaptors a search finds, the nearest first, and the one that its text names where none of them is called so. */
export function namesMeant(
  text: string,
  known: readonly string[],
): { found: string[]; other: string | null } {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return { found: [...known], other: null };
  const [, short] = shortName.exec(wanted) ?? [];
  const whole = short ? `${prefix}${short}` : null;
  const needle = short ?? wanted;
  const rank = (name: string): number => {
    if (name === whole) return 0;
    return name.slice(prefix.length).startsWith(needle) ? 1 : 2;
  };
  const found = known.filter((name) => name.includes(needle)).sort((a, b) => rank(a) - rank(b));
  return { found, other: whole !== null && !known.includes(whole) ? whole : null };
}
