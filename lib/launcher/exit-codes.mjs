// @ts-check

/** What the product's processes tell the launcher by their exit code: each is written and read by this name alone. */
export const exitCodes = {
  /** Something that it needs is away: its end is no fault of its own. */
  away: 75,
  /** The keys are not this database's. */
  wrongKeys: 77,
  /** This release is too old for the database: starting it again is of no use. */
  outdated: 78,
};
