import { Download } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { z } from "zod";
import { Section } from "@/components/account/section";
import { CheckForm } from "@/components/person/check-form";
import { PrintButton } from "@/components/person/print-button";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { pageProject } from "@/lib/auth/context";
import { can } from "@/lib/domain/permissions";
import { getCertificate } from "@/lib/domain/person/certificates";
import { countedWords } from "@/lib/domain/person/kinds";
import { Refusal } from "@/lib/refusal";

export const metadata: Metadata = { title: "Certificate" };

type Props = { params: Promise<{ project: string; certificateId: string }> };

export default async function CertificatePage({ params }: Props) {
  const { project, certificateId } = await params;
  const ctx = await pageProject(project);
  if (!can(ctx.role, "person.read") || !z.uuid().safeParse(certificateId).success) notFound();
  const one = await getCertificate(ctx, { id: certificateId }).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const facts: [string, React.ReactNode][] = [
    ["Certificate", one.id],
    ["Project", `${one.project.name} (${one.project.id})`],
    ["Asked for", <AbsoluteTime key="asked" value={one.askedAt} />],
    ["Wiped", <AbsoluteTime key="wiped" value={one.wipedAt} />],
    ["By", one.byLabel],
    ["Why", one.reason],
    ["What", countedWords(one.wiped)],
    ["Looked through again", <AbsoluteTime key="until" value={one.lookedThroughUntil} />],
    ["Still there", countedWords(one.left)],
    ["Jobs had sent something to", one.recipients.length > 0 ? one.recipients.join(", ") : "nobody"],
    ["List of what was wiped", `SHA-256 ${one.things}`],
  ];
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        parent={<Link href={`/p/${ctx.project.id}/persons`}>One person's data</Link>}
        title="Certificate"
        description="What was wiped of one person's data, without the data."
        actions={
          <>
            <PrintButton />
            <Button asChild variant="outline">
              <a href={`/api/projects/${ctx.project.id}/certificates/${one.id}/text`} download>
                <Download aria-hidden /> Download
              </a>
            </Button>
          </>
        }
      />
      <div className="grid gap-6">
        <Section title="What was done">
          <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-[12rem_1fr]">
            {facts.map(([name, value]) => (
              <div key={name} className="grid gap-0.5 sm:contents">
                <dt className="caption sm:pt-0.5">{name}</dt>
                <dd className="min-w-0 break-words">{value}</dd>
              </div>
            ))}
          </dl>
          <p
            data-status={one.isIntact ? "success" : "failed"}
            className="mt-4 rounded-md border border-(--status-line) bg-(--status-soft) px-3 py-2 text-(--status) text-sm"
          >
            {one.isIntact
              ? "It is as this installation signed it."
              : "It is not as this installation signed it, or was signed with another SECRET_KEY."}
          </p>
        </Section>
        <Section
          title="Was it about this person?"
          description="What the person was known by is not kept, only keyed digests of it. Type a key, and they are compared."
          className="print:hidden"
        >
          <CheckForm projectId={ctx.project.id} certificateId={one.id} />
        </Section>
      </div>
    </div>
  );
}
