import type { AdaptorVersions } from "./versions";

export type Caller = {
  /** Null: nobody in person, who has credentials of their own. */
  email: string | null;
  /** The caller's own credentials: ids by their names. */
  credentials: ReadonlyMap<string, string>;
};

export type PlanOptions = {
  isExtended: boolean;
  /** A person's file: credentials that they do not have are left out, and told. */
  isImport: boolean;
  /** What adaptors resolve to, as far as it is known. */
  versions: AdaptorVersions;
};
