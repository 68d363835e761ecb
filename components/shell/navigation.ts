import {
  Blocks,
  ChartColumn,
  CircleAlert,
  FileCode2,
  Inbox,
  KeyRound,
  LibraryBig,
  ListChecks,
  type LucideIcon,
  ScrollText,
  Settings,
  Users,
  Waypoints,
} from "lucide-react";

export type Place = { segment: string; label: string; icon: LucideIcon };

/** Places of a project, most visited first: the phone's bar shows the first three and puts the rest under More. */
export const places: Place[] = [
  { segment: "inbox", label: "Inbox", icon: Inbox },
  { segment: "activity", label: "Activity", icon: ScrollText },
  { segment: "issues", label: "Issues", icon: CircleAlert },
  { segment: "workflows", label: "Workflows", icon: Waypoints },
  { segment: "code", label: "Code", icon: FileCode2 },
  { segment: "library", label: "Library", icon: LibraryBig },
  { segment: "bulk", label: "Bulk", icon: ListChecks },
  { segment: "adaptors", label: "Adaptors", icon: Blocks },
  { segment: "credentials", label: "Credentials", icon: KeyRound },
  { segment: "collaborators", label: "Collaborators", icon: Users },
  { segment: "usage", label: "Usage", icon: ChartColumn },
  { segment: "settings", label: "Settings", icon: Settings },
];

/** Segments that are no place of their own, and the place that leads to each. */
const within: Record<string, string> = {
  runs: "activity",
  collections: "settings",
  persons: "settings",
  notices: "settings",
};

/** The place that a path below /p/[project] belongs to: a run to the activity history, a person's data to settings. */
export function currentPlace(pathname: string): string | undefined {
  const segment = pathname.split("/")[3];
  return segment ? (within[segment] ?? segment) : segment;
}
