"use client";
import { useRouter } from "next/navigation";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { useApi } from "@/components/use-api";

export function AnswerInvitation({ token }: { token: string }) {
  const router = useRouter();
  const accept = useApi({
    send: () => api("POST /api/invitations/accept", { body: { token } }),
    hasForm: true,
    done: (joined) => router.push(`/p/${joined.projectId}/inbox`),
  });
  const decline = useApi({
    send: () => api("POST /api/invitations/decline", { body: { token } }),
    message: "Invitation declined.",
    hasForm: true,
    done: () => router.push("/projects"),
  });
  const isBusy = accept.isPending || accept.isSuccess || decline.isPending;
  return (
    <div className="grid gap-3">
      <FormError>{accept.error?.message ?? decline.error?.message}</FormError>
      <Button size="lg" onClick={() => accept.mutate(undefined)} disabled={isBusy}>
        Accept
      </Button>
      <Button size="lg" variant="outline" onClick={() => decline.mutate(undefined)} disabled={isBusy}>
        Decline
      </Button>
    </div>
  );
}
