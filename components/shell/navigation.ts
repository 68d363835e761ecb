export type Place = { segment: string; label: string };

/** Places of a project, most visited first: the phone's bar shows the first few and puts the rest under More. */
export const places: Place[] = [
  { segment: "inbox", label: "Inbox" },
  { segment: "activity", label: "Activity" },
  { segment: "issues", label: "Issues" },
  { segment: "workflows", label: "Workflows" },
  { segment: "code", label: "Code" },
  { segment: "library", label: "Library" },
  { segment: "bulk", label: "Bulk" },
  { segment: "adaptors", label: "Adaptors" },
  { segment: "credentials", label: "Credentials" },
  { segment: "collaborators", label: "Collaborators" },
  { segment: "usage", label: "Usage" },
  { segment: "settings", label: "Settings" },
];

/** Segments that are no place of their own, and the place that leads to each. */
const within: Record<string, string> = {
  runs: "activity",
  collections: "settings",
  persons: "settings",
  notices: "settings",
};

/** How many of them the phone's bar shows. */
export const placesInBar = 3;

/** The place that a path below /p/[project] belongs to: a run to the activity history, a person's data to settings. */
export function currentPlace(pathname: string): string | undefined {
  const segment = pathname.split("/")[3];
  return segment ? (within[segment] ?? segment) : segment;
}
