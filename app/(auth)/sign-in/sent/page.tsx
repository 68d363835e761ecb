import { MailCheck } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { EntranceTitle } from "@/components/account/entrance";
import { Button } from "@/components/ui/button";
import { signInMethods } from "@/lib/auth/methods";
import { linkMinutes, quietMinutes } from "@/lib/domain/user/link-request";

export const metadata: Metadata = { title: "Check your mail" };

export default function LinkSentPage() {
  const { hasMailPage } = signInMethods();
  return (
    <>
      <MailCheck aria-hidden className="size-9 stroke-[1.4] text-accent" />
      <EntranceTitle title="Check your mail">
        <p role="status">
          If this address can sign in here, a link is on its way to it, or came within the last {quietMinutes}{" "}
          minutes. It works once, for {linkMinutes} minutes, in the browser that opens it.
        </p>
      </EntranceTitle>
      {hasMailPage ? (
        <p className="rounded-md border bg-card px-3 py-2 text-muted-foreground leading-relaxed">
          No mail server is configured, so mails stay on this machine. The terminal in which Waybill was
          started says where: open the address after <strong>Mail</strong>.
        </p>
      ) : null}
      <Button asChild variant="outline" className="justify-self-start">
        <Link href="/sign-in">Back to sign-in</Link>
      </Button>
    </>
  );
}
