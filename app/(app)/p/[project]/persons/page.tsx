import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { parseAsString, type SearchParams } from "nuqs/server";
import { Nothing, Row, Section } from "@/components/account/section";
import { KeepCurrent } from "@/components/bulk/keep-current";
import { FindForm } from "@/components/person/find-form";
import { SearchTable } from "@/components/person/search-table";
import { isUnderWay } from "@/components/person/words";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { pageProject } from "@/lib/auth/context";
import { can, may } from "@/lib/domain/permissions";
import { listCertificates } from "@/lib/domain/person/certificates";
import { keptDays } from "@/lib/domain/person/end";
import { listPersons } from "@/lib/domain/person/get";
import { countedWords } from "@/lib/domain/person/kinds";

export const metadata: Metadata = { title: "One person's data" };

const pageParams = { cursor: parseAsString, certificates: parseAsString };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function PersonsPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  if (!can(ctx.role, "person.read")) notFound();
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/persons`;
  const strange = strangeParams(given, pageParams);
  if (strange.length > 0) return <StrangeAddress title="One person's data" {...{ path, given, strange }} />;
  const cursor = pageParams.cursor.parseServerSide(given.cursor);
  const before = pageParams.certificates.parseServerSide(given.certificates);
  const [searches, certificates] = await Promise.all([
    listPersons(ctx, cursor ? { cursor } : {}),
    listCertificates(ctx, before ? { cursor: before } : {}),
  ]);
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader
        parent={<Link href={`/p/${ctx.project.id}/settings`}>Settings</Link>}
        title="One person's data"
        description="Find everything that holds it, export it, wipe it, and keep a certificate of what was wiped."
      />
      <div className="grid gap-6">
        {may(ctx, "person.manage") ? (
          <Section
            title="Find"
            description={`It is looked for in the background. What the person is known by is kept sealed until you end the search or wipe what it found, ${keptDays} days at most.`}
          >
            <FindForm projectId={ctx.project.id} />
          </Section>
        ) : null}
        {searches.items.some(isUnderWay) ? <KeepCurrent /> : null}
        {searches.items.length > 0 ? (
          <SearchTable projectId={ctx.project.id} searches={searches.items} />
        ) : null}
        {searches.nextCursor ? (
          <Button asChild variant="outline" className="justify-self-start">
            <Link href={`${path}?cursor=${searches.nextCursor}`}>Older searches</Link>
          </Button>
        ) : null}
        <Section
          title="Certificates"
          description="What was wiped, when, by whom and why, without the data."
          flush
        >
          {certificates.items.length === 0 ? (
            <Nothing>Nothing was wiped yet.</Nothing>
          ) : (
            <ul>
              {certificates.items.map((one) => (
                <Row key={one.id}>
                  <Link
                    href={`${path}/certificates/${one.id}`}
                    className="font-medium text-accent hover:underline"
                  >
                    {countedWords(one.wiped)}
                  </Link>
                  <span className="text-muted-foreground text-xs">
                    <AbsoluteTime value={one.wipedAt} />, {one.byLabel}: {one.reason}
                  </span>
                </Row>
              ))}
            </ul>
          )}
        </Section>
        {certificates.nextCursor ? (
          <Button asChild variant="outline" className="justify-self-start">
            <Link href={`${path}?certificates=${certificates.nextCursor}`}>Older certificates</Link>
          </Button>
        ) : null}
      </div>
    </div>
  );
}
