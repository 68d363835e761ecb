"use client";
import { CircleAlert, Ellipsis, Inbox, type LucideIcon, ScrollText } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useState } from "react";
import { OpenIssues } from "@/components/issues/open-issues";
import { Dialog, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { OneMoment } from "@/components/ui/one-moment";
import { currentPlace, places, placesInBar } from "./navigation";

const MorePlaces = dynamic(() => import("./more-places").then((module) => module.MorePlaces), {
  ssr: false,
  loading: OneMoment,
});

const icons: Record<string, LucideIcon> = { inbox: Inbox, activity: ScrollText, issues: CircleAlert };

const cell =
  "flex flex-1 flex-col items-center justify-center gap-0.5 py-1.5 font-medium text-2xs text-muted-foreground focus-visible:-outline-offset-2 aria-[current]:text-accent [&_svg]:size-5 [&_svg]:stroke-[1.75]";

/** The phone's navigation: three places and the rest. */
export function PhoneBar({ projectId }: { projectId: string }) {
  const current = currentPlace(usePathname());
  const [isOpen, setOpen] = useState(false);
  const rest = places.slice(placesInBar);
  return (
    <nav
      aria-label="Project, phone"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t bg-card pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {places.slice(0, placesInBar).map(({ segment, label }) => (
        <Link
          key={segment}
          href={`/p/${projectId}/${segment}`}
          aria-current={current === segment ? "page" : undefined}
          className={cell}
        >
          <PlaceIcon icon={icons[segment]} />
          <span className="flex items-center gap-1">
            {label}
            {segment === "issues" ? <OpenIssues projectId={projectId} /> : null}
          </span>
        </Link>
      ))}
      <Dialog open={isOpen} onOpenChange={setOpen}>
        <DialogTrigger
          className={cell}
          aria-current={rest.some((place) => place.segment === current) ? "true" : undefined}
        >
          <Ellipsis aria-hidden />
          More
        </DialogTrigger>
        <DialogContent title="More of this project" placement="bottom">
          <MorePlaces projectId={projectId} onLeave={() => setOpen(false)} />
        </DialogContent>
      </Dialog>
    </nav>
  );
}

const PlaceIcon = ({ icon: Icon = Ellipsis }: { icon: LucideIcon | undefined }) => <Icon aria-hidden />;
