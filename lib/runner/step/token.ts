let lastToken = 0;

/** Ties an answer of a worker to what it was asked. */
export function newToken(): number {
  lastToken = (lastToken + 1) >>> 0;
  return lastToken;
}
