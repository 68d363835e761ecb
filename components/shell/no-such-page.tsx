"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Mark } from "./mark";
import { currentPlace, places } from "./navigation";

/** What stands where a page, or the right to see it, is missing. */
export const NoSuchPage = () => (
  <Nothing href="/projects" to="Your projects">
    The page does not exist, or it belongs to a project that you are not a collaborator of. Ask its owner for
    an invitation, or check the address.
  </Nothing>
);

/** What stands in a project, before one of its collaborators, where a message, a run or a workflow is missing. */
export function NoSuchPart() {
  const path = usePathname();
  const projectHref = path.split("/").slice(0, 3).join("/");
  const place = places.find(({ segment }) => segment === currentPlace(path));
  return (
    <Nothing
      href={place ? `${projectHref}/${place.segment}` : projectHref}
      to={place?.label ?? "The project"}
    >
      You are a collaborator of this project, and it has nothing at this address. It may have been deleted, or
      the address is incomplete.
    </Nothing>
  );
}

function Nothing({ href, to, children }: { href: string; to: string; children: ReactNode }) {
  return (
    <div className="mx-auto grid min-h-[60vh] max-w-md content-center gap-3">
      <Mark className="size-9" />
      <p className="caption nums mt-2 font-mono">404</p>
      <h1 className="font-semibold text-2xl tracking-[-0.014em]">Nothing at this address</h1>
      <p className="text-muted-foreground leading-relaxed">{children}</p>
      <div className="mt-2">
        <Button asChild>
          <Link href={href}>{to}</Link>
        </Button>
      </div>
    </div>
  );
}
