"use client";
import { UserPlus } from "lucide-react";
import { useRouter } from "next/navigation";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { useApi } from "@/components/use-api";
import type { Role } from "@/lib/words";

type Props = {
  invitationId: string;
  project: string;
  role: Role;
  invitedBy: string | null;
  /** The project asks for one. */
  withSecondFactor: boolean;
};

/** An invitation that waits for the reader's answer. */
export function InvitationBanner({ invitationId, project, role, invitedBy, withSecondFactor }: Props) {
  const router = useRouter();
  const accept = useApi({
    send: () => api("POST /api/invitations/accept", { body: { invitationId } }),
    message: `You are a collaborator of ${project}.`,
    done: (joined) => router.push(`/p/${joined.projectId}/inbox`),
  });
  const decline = useApi({
    send: () => api("POST /api/invitations/decline", { body: { invitationId } }),
    message: "Invitation declined.",
  });
  const isBusy = accept.isPending || decline.isPending;
  return (
    <section
      aria-label={`Invitation to ${project}`}
      className="mb-3 flex flex-wrap items-center gap-3 rounded-lg border border-accent bg-accent-soft px-4 py-3"
    >
      <UserPlus aria-hidden className="size-5 text-accent" />
      <p className="min-w-0 flex-1 basis-60">
        {invitedBy ?? "Somebody"} invites you to <strong className="font-semibold">{project}</strong> as{" "}
        {role}.{withSecondFactor ? " It asks for a second factor." : null}
      </p>
      <div className="flex gap-2">
        <Button onClick={() => accept.mutate(undefined)} disabled={isBusy}>
          Accept
        </Button>
        <Button variant="outline" onClick={() => decline.mutate(undefined)} disabled={isBusy}>
          Decline
        </Button>
      </div>
    </section>
  );
}
