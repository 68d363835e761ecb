import Link from "next/link";
import { Button } from "@/components/ui/button";
import { Mark } from "./mark";

/** What stands where a page, or the right to see it, is missing. */
export function NoSuchPage() {
  return (
    <div className="mx-auto grid min-h-[60vh] max-w-md content-center gap-3">
      <Mark className="size-9" />
      <p className="caption nums mt-2 font-mono">404</p>
      <h1 className="font-semibold text-2xl tracking-[-0.014em]">Nothing at this address</h1>
      <p className="text-muted-foreground leading-relaxed">
        The page does not exist, or it belongs to a project that you are not a collaborator of. Ask its owner
        for an invitation, or check the address.
      </p>
      <div className="mt-2">
        <Button asChild>
          <Link href="/projects">Your projects</Link>
        </Button>
      </div>
    </div>
  );
}
