"use client";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { SecretOnce } from "@/components/account/secret-once";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { ChannelSummary } from "@/lib/domain/notice/channel/types";

type Props = { projectId: string; channel: Pick<ChannelSummary, "id" | "name"> };

/** Makes a webhook's new secret, and shows it this once. */
export function ChannelSecretDialog({ projectId, channel: { id, name } }: Props) {
  const [isOpen, setOpen] = useState(false);
  const renew = useApi({
    send: () =>
      api("POST /api/projects/[project]/notice-channels/[channel]/secret", {
        params: { project: projectId, channel: id },
      }),
    hasForm: true,
  });
  const change = (open: boolean) => {
    setOpen(open);
    if (!open) renew.reset();
  };
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogTrigger asChild>
        <Button variant="outline" size="sm" aria-label={`New secret of ${name}`}>
          New secret…
        </Button>
      </DialogTrigger>
      {renew.data ? (
        <DialogContent title={`The new secret of ${name}`} description="It is shown this once.">
          <SecretOnce label="Signing secret" value={renew.data.secret} />
          <p className="mt-3 text-muted-foreground text-sm">
            Requests are signed with the old one, too, until{" "}
            <AbsoluteTime toMinute value={renew.data.oldEndsAt} />.
          </p>
          <DialogFooter>
            <DialogClose asChild>
              <Button>Done</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      ) : (
        <DialogContent
          title={`New secret of ${name}`}
          description="For a day requests carry both signatures, so that the other side can change over meanwhile."
        >
          <FormError>{renew.error?.message}</FormError>
          <DialogFooter className="mt-1">
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button onClick={() => renew.mutate(undefined)} disabled={renew.isPending}>
              Make a new secret
            </Button>
          </DialogFooter>
        </DialogContent>
      )}
    </Dialog>
  );
}
