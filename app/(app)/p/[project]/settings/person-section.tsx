import Link from "next/link";
import { Section } from "@/components/account/section";
import { Button } from "@/components/ui/button";

/** The way to where one person's data is found, exported and wiped. */
export const PersonSection = ({ projectId }: { projectId: string }) => (
  <Section
    id="person"
    title="One person's data"
    description="Find everything that holds one person's data, export it, wipe it, and keep a certificate of what was wiped."
  >
    <Button asChild variant="outline">
      <Link href={`/p/${projectId}/persons`}>Find a person's data</Link>
    </Button>
  </Section>
);
