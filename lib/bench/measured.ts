import type { PageKind } from "@/lib/testing/pages/budgets";

/** A page to be measured. `isTimed`: until it can be used, on a slow processor. */
export type Measured = {
  kind: PageKind;
  name: string;
  path: string;
  isSignedIn: boolean;
  isTimed: boolean;
};
