import { ShieldPlus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { pageClosedProject } from "@/lib/auth/context";

export const metadata: Metadata = { title: "Second factor needed" };

type Props = { params: Promise<{ project: string }> };

/** All that a member without a second factor sees of a project that asks for one. */
export default async function SecondFactorNeededPage({ params }: Props) {
  const { project: id } = await params;
  const project = await pageClosedProject(id);
  if (!project) redirect(`/p/${id}/inbox`);
  return (
    <div className="mx-auto max-w-3xl">
      <EmptyState
        icon={<ShieldPlus aria-hidden />}
        title={`${project.name} asks for a second factor`}
        action={
          <Button asChild>
            <Link href="/account#second-factor">Set it up</Link>
          </Button>
        }
      >
        Its owner lets in only collaborators who sign in with a code besides. Set one up on your account page,
        then come back. Until then your API tokens do not work here either.
      </EmptyState>
    </div>
  );
}
