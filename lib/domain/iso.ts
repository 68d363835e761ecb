/** Verbs give instants as ISO strings, so that what a page is rendered from and what the API answers are the same. */
export function iso(date: Date): string;
export function iso(date: Date | null): string | null;
export function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
