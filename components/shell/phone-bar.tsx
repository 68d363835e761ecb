"use client";
import { Ellipsis } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useState } from "react";
import { OpenIssues } from "@/components/issues/open-issues";
import { Dialog, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { currentPlace, places } from "./navigation";

const cell =
  "flex flex-1 flex-col items-center justify-center gap-0.5 py-1.5 font-medium text-2xs text-muted-foreground focus-visible:-outline-offset-2 aria-[current]:text-accent [&_svg]:size-5 [&_svg]:stroke-[1.75]";

/** The phone's navigation: three places and the rest. */
export function PhoneBar({ projectId }: { projectId: string }) {
  const current = currentPlace(usePathname());
  const [isOpen, setOpen] = useState(false);
  const rest = places.slice(3);
  return (
    <nav
      aria-label="Project, phone"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t bg-card pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {places.slice(0, 3).map(({ segment, label, icon: Icon }) => (
        <Link
          key={segment}
          href={`/p/${projectId}/${segment}`}
          aria-current={current === segment ? "page" : undefined}
          className={cell}
        >
          <Icon aria-hidden />
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
          <ul className="grid gap-1">
            {rest.map(({ segment, label, icon: Icon }) => (
              <li key={segment}>
                <Link
                  href={`/p/${projectId}/${segment}`}
                  onClick={() => setOpen(false)}
                  className="flex h-11 items-center gap-3 rounded-md px-2 text-base hover:bg-muted"
                >
                  <Icon aria-hidden className="size-5 text-muted-foreground" />
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </DialogContent>
      </Dialog>
    </nav>
  );
}
