/** A hand-written statement and how its named values become the numbered ones that PostgreSQL takes. */
export type Statement<P> = { text: string; values(parameters: P): unknown[] };

/**
 * Writes a statement whose parameters have names. `p.name` stands in the text for the value of that name, any number of
 * times; `P` says which names there are, so that neither a missing nor a misspelt one compiles. No Node APIs here.
 */
export function statement<P extends Record<string, unknown>>(
  write: (p: { [K in keyof P]-?: string }) => string,
): Statement<P> {
  const order: string[] = [];
  const place = (name: string) => {
    if (!order.includes(name)) order.push(name);
    return `$${order.indexOf(name) + 1}`;
  };
  const names = new Proxy({} as { [K in keyof P]-?: string }, {
    get: (_, name) => place(String(name)),
  });
  const text = write(names);
  return { text, values: (parameters) => order.map((name) => parameters[name]) };
}
