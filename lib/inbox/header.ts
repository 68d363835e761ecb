/** A header whose name somebody chose, in lower case: what every object has besides, such as a constructor, is none. */
export const headerOf = (headers: Record<string, string>, name: string): string | undefined =>
  Object.hasOwn(headers, name) ? headers[name] : undefined;
