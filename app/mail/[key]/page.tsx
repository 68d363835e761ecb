import { Mailbox } from "lucide-react";
import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { notFound } from "next/navigation";
import { Fragment } from "react";
import { Mark } from "@/components/shell/mark";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { database } from "@/db/client";
import { listMails } from "@/lib/mail/list";
import { isMailPageFor } from "@/lib/mail/page";

export const metadata: Metadata = { title: "Local mail", referrer: "no-referrer" };

export default async function MailPage({ params }: { params: Promise<{ key: string }> }) {
  const { key } = await params;
  if (!isMailPageFor(key, await headers())) notFound();
  const mails = await listMails(database().db);
  return (
    <main className="mx-auto grid max-w-2xl gap-4 px-5 py-8">
      <header className="grid gap-1">
        <Link href="/" className="mb-2 flex items-center gap-2 justify-self-start rounded-md font-semibold">
          <Mark />
          Waybill
        </Link>
        <h1 className="font-semibold text-[22px] tracking-[-0.014em]">Local mail</h1>
        <p className="text-muted-foreground leading-relaxed">
          No mail server is configured (SMTP_URL), so mails end here, on this machine, for nobody else to see.
          Keep this page's address to yourself: who has it can sign in as anybody here.
        </p>
      </header>
      {mails.length === 0 ? (
        <EmptyState icon={<Mailbox />} title="No mail yet">
          Invitations, sign-in links and notices appear here.
        </EmptyState>
      ) : (
        <ul className="grid gap-3">
          {mails.map(({ id, to, subject, text, createdAt }) => (
            <li key={id}>
              <Card className="grid gap-2 p-4">
                <div className="flex flex-wrap items-baseline justify-between gap-x-4">
                  <h2 className="font-semibold">{subject}</h2>
                  <RelativeTime value={createdAt} className="text-muted-foreground text-xs" />
                </div>
                <p className="text-muted-foreground text-xs">to {to}</p>
                <div aria-hidden className="tear" />
                <p className="whitespace-pre-wrap break-words leading-relaxed">{linked(text)}</p>
              </Card>
            </li>
          ))}
        </ul>
      )}
    </main>
  );
}

/** The text with its addresses as links. */
const linked = (text: string) =>
  text.split(/(https?:\/\/\S+)/).map((part, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
    if (!part.startsWith("http")) return <Fragment key={index}>{part}</Fragment>;
    return (
      <a key={part} href={part} className="break-all text-accent underline underline-offset-3">
        {part}
      </a>
    );
  });
