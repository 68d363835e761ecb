/** `@openfn/language-http@latest` without what follows the name. */
export function adaptorName(adaptor: string): string {
  const at = adaptor.indexOf("@", 1);
  return at < 0 ? adaptor : adaptor.slice(0, at);
}
