"use client";
import { useState } from "react";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { useApi } from "@/components/use-api";
import { BackupCodes } from "./backup-codes";

/** New backup codes in place of the old ones. */
export function NewCodesDialog() {
  const [isOpen, setOpen] = useState(false);
  const renew = useApi({
    send: () => api("POST /api/account/second-factor/backup-codes"),
    done: () => setOpen(true),
  });
  const change = (open: boolean) => {
    setOpen(open);
    if (!open) renew.reset();
  };
  return (
    <>
      <Confirm
        trigger={
          <Button variant="outline" size="sm">
            New backup codes
          </Button>
        }
        title="Make new backup codes?"
        description="The ones you have are good no more."
        action="Make new codes"
        onConfirm={() => renew.mutate(undefined)}
      />
      <Dialog open={isOpen} onOpenChange={change}>
        <DialogContent
          title="Keep your backup codes"
          description="Each signs you in once, should the phone be lost. They are shown this once."
        >
          <BackupCodes codes={renew.data?.backupCodes ?? []} />
          <DialogFooter>
            <DialogClose asChild>
              <Button>I have kept them</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      </Dialog>
    </>
  );
}
