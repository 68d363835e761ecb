/** The code that Node, PostgreSQL and their drivers put on an error; "" when there is none. */
export const errorCode = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";

/** An error and what caused it, outermost first: libraries wrap what the driver said. */
export function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (
    let one = error;
    one !== undefined && chain.length < 10;
    one = one instanceof Error ? one.cause : undefined
  )
    chain.push(one);
  return chain;
}
