import type { IssueState } from "@/lib/words";

/** How an issue stands, as far as another failure, or time, changes it. */
export type Standing = {
  state: IssueState;
  count: number;
  /** Since when it stands so. */
  changedAt: Date;
  /** A person said so; else it came by itself. */
  isByPerson: boolean;
  ignoredUntil: Date | null;
  ignoredUntilCount: number | null;
  returned: number;
  toldReturned: number;
  toldCount: number | null;
};

/** Why people are told of an issue. */
export type News = "new" | "grown" | "returned";

/** It is told again when it is so many times as large as when it was told last. */
const growth = 10;

/** One more failure, of the moment `at`. */
export function withFailure(issue: Standing, at: Date): Standing {
  const next = { ...issue, count: issue.count + 1 };
  return ends(next, at) ? reopened(next, at) : next;
}

/** The time for which it was ignored is over. What fails from now on is news. */
export const reopened = (issue: Standing, at: Date): Standing => ({
  ...issue,
  state: "open",
  changedAt: at,
  isByPerson: false,
  ignoredUntil: null,
  ignoredUntilCount: null,
  returned: issue.returned + 1,
});

function ends({ state, count, changedAt, isByPerson, ignoredUntil, ignoredUntilCount }: Standing, at: Date) {
  // What had failed before a person said that it is over was known to them; what resolved by itself knew of all there was.
  if (state === "resolved") return !isByPerson || at > changedAt;
  if (state !== "ignored") return false;
  return (
    (ignoredUntil !== null && at >= ignoredUntil) ||
    (ignoredUntilCount !== null && count >= ignoredUntilCount)
  );
}

/** What people are to be told of it now; null: nothing. */
export function newsOf({ state, count, returned, toldReturned, toldCount }: Standing): News | null {
  if (state !== "open") return null;
  if (toldCount === null && returned === 0) return "new";
  if (returned > toldReturned) return "returned";
  return toldCount !== null && count >= toldCount * growth ? "grown" : null;
}

/** Once they are told. */
export const told = (issue: Standing): Standing => ({
  ...issue,
  toldCount: issue.count,
  toldReturned: issue.returned,
});

/** The same news has the same key, and is never told twice. */
export const newsKey = (news: News, { count, returned }: Standing): string =>
  ({
    new: "new",
    grown: `x${10 ** Math.floor(Math.log10(Math.max(1, count)))}`,
    returned: `returned ${returned}`,
  })[news];
