import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { EntranceTitle } from "@/components/account/entrance";
import { currentUser, halfSignedIn } from "@/lib/auth/context";
import { nextPath, withNext } from "@/lib/auth/next-path";
import { SecondStepForm } from "./client";

export const metadata: Metadata = { title: "Second step" };

type Props = { searchParams: Promise<{ next?: string }> };

export default async function SecondStepPage({ searchParams }: Props) {
  const next = nextPath((await searchParams).next);
  if (await currentUser()) redirect(next);
  const user = await halfSignedIn();
  if (!user) redirect(withNext("/sign-in", next));
  return (
    <>
      <EntranceTitle title="Second step">
        Enter the six digits that your app shows for <strong className="font-semibold">{user.email}</strong>,
        or a backup code.
      </EntranceTitle>
      <SecondStepForm next={next} />
    </>
  );
}
