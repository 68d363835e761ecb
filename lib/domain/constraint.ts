/** Says whether a failed query broke the unique constraint or index of that name. */
export function violates(error: unknown, constraint: string): boolean {
  for (let one = error; one instanceof Error; one = one.cause)
    if ("code" in one && one.code === "23505" && "constraint" in one) return one.constraint === constraint;
  return false;
}
