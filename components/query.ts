/** An object without its nulls and empty texts: a filter as the API and the verbs take it. */
export function compact<T extends Record<string, string | null | undefined>>(
  values: T,
): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept: { [K in keyof T]?: NonNullable<T[K]> } = {};
  for (const key in values) {
    const value = values[key];
    if (value) kept[key] = value;
  }
  return kept;
}
