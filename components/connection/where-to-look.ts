const places: [RegExp, string][] = [
  [/\/messages\/[^/]+\/rerun$/, "Look under “What was done with it”"],
  [/\/messages\/[^/]+\/(resend|read-as)$/, "Look for the copy in the inbox"],
  [/\/workflows\/[^/]+\/runs$/, "Look for the new run in the activity history"],
  [/\/library(\/|$)/, "Look at the library"],
  [/\/dataclips(\/|$)/, "Look at the saved inputs"],
  [/\/runs\/[^/]+\/rerun$/, "Look for the new run in the activity history"],
  [/\/runs\/[^/]+\/cancel$/, "Look at the run's state"],
  [/\/dry-run$/, "It sent nothing: look at the connection"],
  [/\/invitations(\/|$)/, "Look at the list of invitations"],
  [/\/api\/projects(\/import)?$/, "Look at the list of projects"],
];

/** Where the reader sees what became of a change whose answer was lost, as an imperative without its full stop. */
export function whereToLook(path: string): string {
  return places.find(([pattern]) => pattern.test(path))?.[1] ?? "Reload the page and look";
}
