import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { EntranceTitle } from "@/components/account/entrance";
import { database } from "@/db/client";
import { currentUser } from "@/lib/auth/context";
import { signInMethods } from "@/lib/auth/methods";
import { nextPath, withNext } from "@/lib/auth/next-path";
import { findOpenInvitation } from "@/lib/domain/invitation/find";
import { SignUpForm } from "./client";
import { LinkForm } from "./link-form";

export const metadata: Metadata = { title: "Create an account" };

type Props = { searchParams: Promise<{ next?: string; invitation?: string }> };

export default async function SignUpPage({ searchParams }: Props) {
  const asked = await searchParams;
  const next = nextPath(asked.next);
  if (await currentUser()) redirect(next);
  const token = typeof asked.invitation === "string" ? asked.invitation : undefined;
  const invitation = token ? await findOpenInvitation(database().db, token) : undefined;
  const { signUp, registration } = signInMethods();
  const isOpen = signUp || invitation !== undefined;
  return (
    <>
      <EntranceTitle title={isOpen ? "Create an account" : "Registration is by invitation"}>
        {invitation
          ? `You are invited to ${invitation.project.name} as ${invitation.role}.`
          : isOpen
            ? "For you and your projects. It takes a minute."
            : "Ask a collaborator of a project here to invite your e-mail address. If you were invited already, use that address."}
      </EntranceTitle>
      {invitation || registration === "password" ? (
        <SignUpForm next={next} email={invitation?.email} invitation={invitation ? token : undefined} />
      ) : registration === "link" ? (
        <LinkForm next={next} />
      ) : null}
      <p className="text-muted-foreground">
        You have an account?{" "}
        <Link className="text-accent underline underline-offset-3" href={withNext("/sign-in", next)}>
          Sign in
        </Link>
      </p>
    </>
  );
}
