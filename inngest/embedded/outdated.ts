import { newestMigration } from "./migrations/newest";

/** The database has a breaking migration (`migration`) that a release which knows no more than `newest` must not meet. */
export class OutdatedError extends Error {
  override name = "OutdatedError";

  constructor(
    readonly migration: string,
    newest = newestMigration,
  ) {
    super(
      `This release is too old for the database: its engine knows the schema up to migration ${newest}, and ${migration} is breaking. Deploy the same release everywhere.`,
    );
  }
}
