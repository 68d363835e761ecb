/** The number of the newest migration this release knows. Apart from the files, so that pages can import it too. */
export const newestMigration = 6;
