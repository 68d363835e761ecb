/** The code that Node, PostgreSQL and their drivers put on an error; "" when there is none. */
export const errorCode = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
