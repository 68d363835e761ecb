"use client";
import { Undo2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { EntranceTitle } from "@/components/account/entrance";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { formatDay } from "@/components/ui/format";
import { useApi } from "@/components/use-api";

export function Leaving({ email, deletesAt }: { email: string; deletesAt: string }) {
  const router = useRouter();
  const undo = useApi({
    send: () => api("POST /api/account/restore"),
    message: "Your account is back.",
    hasForm: true,
    done: () => router.push("/projects"),
  });
  return (
    <>
      <EntranceTitle title="Your account is being deleted">
        {email} is deleted for good on {formatDay(deletesAt)}: credentials, memberships and ways to sign in.
        Until then you can undo it, with the projects that go along. Runs that were cancelled stay so and can
        be rerun; API tokens have to be made anew.
      </EntranceTitle>
      <FormError>{undo.error?.message}</FormError>
      <Button size="lg" disabled={undo.isPending} onClick={() => undo.mutate(undefined)}>
        <Undo2 aria-hidden /> Keep my account
      </Button>
      <Button asChild variant="outline" size="lg">
        <Link href="/sign-out">Sign out</Link>
      </Button>
    </>
  );
}
