import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { EntranceTitle } from "@/components/account/entrance";
import { signInProblem } from "@/components/signed-out/problem";
import { currentUser, halfSignedIn } from "@/lib/auth/context";
import { signInMethods } from "@/lib/auth/methods";
import { nextPath, pathWithin, withNext } from "@/lib/auth/next-path";
import { env, publicUrl } from "@/lib/env";
import { SignInForm } from "./client";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<{ next?: string; callbackUrl?: string; error?: string }> };

export default async function SignInPage({ searchParams }: Props) {
  const asked = await searchParams;
  const next = nextPath(asked.next ?? pathWithin(publicUrl(env()), asked.callbackUrl));
  if (await currentUser()) redirect(next);
  if (await halfSignedIn()) redirect(withNext("/sign-in/second-step", next));
  return (
    <>
      <EntranceTitle title="Sign in">See what came in, and where it went.</EntranceTitle>
      <SignInForm next={next} methods={signInMethods()} problem={signInProblem(asked.error)} />
    </>
  );
}
