/** Where to go after sign-in: a path of this site, never another site. Pure: forms use it too. */
export function nextPath(next: string | string[] | null | undefined, fallback = "/projects"): string {
  const path = Array.isArray(next) ? next[0] : next;
  // Browsers read a backslash as a slash, and drop control characters: both could leave the site.
  return path && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path) ? path : fallback;
}

/** `path?next=…`, without it where it says nothing. */
export const withNext = (path: string, next: string): string =>
  next === "/projects" ? path : `${path}${path.includes("?") ? "&" : "?"}next=${encodeURIComponent(next)}`;

/** The path of an absolute address of this site, as next-auth hands it back; undefined for any other address. */
export function pathWithin(origin: string, address: string | string[] | undefined): string | undefined {
  const text = Array.isArray(address) ? address[0] : address;
  return text?.startsWith(`${origin}/`) ? text.slice(origin.length) : undefined;
}
