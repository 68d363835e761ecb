import { Link2Off } from "lucide-react";
import Link from "next/link";
import type { SearchParams } from "nuqs/server";
import { cleanHref, type StrangeParam } from "./strange-params";
import { Button } from "./ui/button";
import { EmptyState } from "./ui/empty-state";
import { PageHeader } from "./ui/page-header";

type Props = { title: string; path: string; given: SearchParams; strange: readonly StrangeParam[] };

/** In the place of a page whose address asks for something that it does not know. */
export function StrangeAddress({ title, path, given, strange }: Props) {
  return (
    <>
      <PageHeader title={title} />
      <EmptyState
        icon={<Link2Off />}
        title="This address asks for something unknown"
        action={
          <Button asChild variant="outline">
            <Link href={cleanHref(path, given, strange)}>Show the page without it</Link>
          </Button>
        }
      >
        {strange.map(({ key, sentence }) => (
          <span key={key} className="block [overflow-wrap:anywhere]">
            {sentence}
          </span>
        ))}
      </EmptyState>
    </>
  );
}
