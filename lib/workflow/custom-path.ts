export const maxCustomPath = 255;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Why a webhook's address cannot end in this name (OpenFn's rules); null when it can. */
export function customPathProblem(name: string): string | null {
  if (!/^[a-z0-9_-]+$/.test(name))
    return "A custom path has lower-case letters, digits, hyphens and underscores only.";
  if (name.length > maxCustomPath) return `A custom path has at most ${maxCustomPath} characters.`;
  return uuid.test(name) ? "A custom path cannot look like an id. Choose a name." : null;
}
