import fs from "node:fs";
import path from "node:path";

/** The path of the local mail page, which only who may read the data directory knows. */
export const mailPage = (): string =>
  `/mail/${fs.readFileSync(path.join(process.env.E2E_DATA_DIR ?? ".data", "mail-page"), "utf8").trim()}`;
