/** How long a deletion can be undone. */
export const graceDays = 7;

const dayMs = 86_400_000;

/** When something that is deleted now is purged; at once when the operator says so. */
export const purgeTime = ({ atOnce = false }: { atOnce?: boolean } = {}): Date =>
  new Date(Date.now() + (atOnce ? 0 : graceDays * dayMs));

/** The day, as sentences name it. */
export const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);
