import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { EntranceTitle } from "@/components/account/entrance";
import { currentUser } from "@/lib/auth/context";
import { signInMethods } from "@/lib/auth/methods";
import { GoToProvider } from "./client";

export const metadata: Metadata = { title: "Sign in again" };

type Props = { searchParams: Promise<{ with?: string }> };

/** The other tab of who shows to be there by signing in again: leads to the provider, and is where it leads back. */
export default async function SignInAgainPage({ searchParams }: Props) {
  const user = await currentUser();
  if (!user) redirect("/sign-in?next=%2Fsign-in%2Fagain");
  const asked = (await searchParams).with;
  const provider = signInMethods().providers.find(({ id }) => id === asked);
  if (provider) return <GoToProvider {...provider} />;
  return (
    <EntranceTitle title="You have signed in again">
      As {user.email}. Close this tab, and go on in the other one.
    </EntranceTitle>
  );
}
