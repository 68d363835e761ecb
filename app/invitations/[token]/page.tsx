import type { Metadata } from "next";
import Link from "next/link";
import { Entrance, EntranceTitle } from "@/components/account/entrance";
import { Button } from "@/components/ui/button";
import { database } from "@/db/client";
import { currentUser } from "@/lib/auth/context";
import { withNext } from "@/lib/auth/next-path";
import { findOpenInvitation, type OpenInvitation } from "@/lib/domain/invitation/find";
import { AnswerInvitation } from "./client";

export const metadata: Metadata = { title: "Invitation", referrer: "no-referrer" };

type Props = { params: Promise<{ token: string }> };

export default async function InvitationPage({ params }: Props) {
  const { token } = await params;
  const [invitation, user] = await Promise.all([findOpenInvitation(database().db, token), currentUser()]);
  return (
    <Entrance>
      {invitation ? (
        <Open invitation={invitation} token={token} email={user?.email} />
      ) : (
        <>
          <EntranceTitle title="This invitation is over">
            It was answered, withdrawn, or is too old. Ask the person who invited you to send it again.
          </EntranceTitle>
          <Button asChild variant="outline" className="justify-self-start">
            <Link href="/projects">Your projects</Link>
          </Button>
        </>
      )}
    </Entrance>
  );
}

type OpenProps = { invitation: OpenInvitation; token: string; email: string | undefined };

function Open({ invitation, token, email }: OpenProps) {
  const here = `/invitations/${token}`;
  return (
    <>
      <EntranceTitle title={`Join ${invitation.project.name}`}>
        {invitation.invitedBy ?? "Somebody"} invites {invitation.email} as {invitation.role}.
        {invitation.project.requireSecondFactor
          ? " The project asks for a second factor: have an authenticator app at hand."
          : null}
      </EntranceTitle>
      {email === undefined ? (
        <div className="grid gap-2">
          <Button asChild size="lg">
            <Link href={withNext(`/sign-up?invitation=${encodeURIComponent(token)}`, here)}>
              Create an account
            </Link>
          </Button>
          <Button asChild size="lg" variant="outline">
            <Link href={withNext("/sign-in", here)}>Sign in</Link>
          </Button>
        </div>
      ) : email === invitation.email ? (
        <AnswerInvitation token={token} />
      ) : (
        <div className="grid gap-3">
          <p className="rounded-md border bg-card px-3 py-2 leading-relaxed">
            You are signed in as <strong className="font-semibold">{email}</strong>. Sign out, then open the
            link again and sign in as {invitation.email}.
          </p>
          <Button asChild variant="outline" className="justify-self-start">
            <Link href="/sign-out" prefetch={false}>
              Sign out
            </Link>
          </Button>
        </div>
      )}
    </>
  );
}
