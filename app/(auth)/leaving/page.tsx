import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { currentUser } from "@/lib/auth/context";
import { Leaving } from "./client";

export const metadata: Metadata = { title: "Your account is being deleted" };

/** All that there is for somebody whose account is being deleted. */
export default async function LeavingPage() {
  const user = await currentUser();
  if (!user) redirect("/sign-in");
  if (!user.deletesAt) redirect("/projects");
  return <Leaving email={user.email} deletesAt={user.deletesAt.toISOString()} />;
}
