"use client";
import {
  Blocks,
  ChartColumn,
  Ellipsis,
  FileCode2,
  KeyRound,
  LibraryBig,
  ListChecks,
  type LucideIcon,
  Settings,
  Users,
  Waypoints,
} from "lucide-react";
import Link from "next/link";
import { places, placesInBar } from "./navigation";

const icons: Record<string, LucideIcon> = {
  workflows: Waypoints,
  code: FileCode2,
  library: LibraryBig,
  bulk: ListChecks,
  adaptors: Blocks,
  credentials: KeyRound,
  collaborators: Users,
  usage: ChartColumn,
  settings: Settings,
};

/** The places that the phone's bar has no room for. */
export function MorePlaces({ projectId, onLeave }: { projectId: string; onLeave: () => void }) {
  return (
    <ul className="grid gap-1">
      {places.slice(placesInBar).map(({ segment, label }) => {
        const Icon = icons[segment] ?? Ellipsis;
        return (
          <li key={segment}>
            <Link
              href={`/p/${projectId}/${segment}`}
              onClick={onLeave}
              className="flex h-11 items-center gap-3 rounded-md px-2 text-base hover:bg-muted"
            >
              <Icon aria-hidden className="size-5 text-muted-foreground" />
              {label}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
