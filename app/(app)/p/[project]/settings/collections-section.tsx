import Link from "next/link";
import { Section } from "@/components/account/section";
import { Button } from "@/components/ui/button";

/** The way to what jobs keep between runs. */
export const CollectionsSection = ({ projectId, count }: { projectId: string; count: number }) => (
  <Section
    id="collections"
    title="Collections"
    description="Keys and values that jobs keep from one run to another, such as which id a patient has elsewhere."
  >
    <Button asChild variant="outline">
      <Link href={`/p/${projectId}/collections`}>
        {count === 0 ? "Collections" : `${count} ${count === 1 ? "collection" : "collections"}`}
      </Link>
    </Button>
  </Section>
);
