"use client";
import { ShieldPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { CodeField } from "@/components/account/code-field";
import { FormError } from "@/components/account/form-error";
import { SecretOnce } from "@/components/account/secret-once";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { useApi } from "@/components/use-api";
import { BackupCodes } from "./backup-codes";
import { QrCode } from "./qr-code";

/** The secret, a code that shows that the app has it, and then the backup codes. */
export function SetUpDialog() {
  const [isOpen, setOpen] = useState(false);
  const begin = useApi({
    send: () => api("POST /api/account/second-factor"),
    done: () => setOpen(true),
  });
  const confirm = useApi({
    send: (code: string) => api("POST /api/account/second-factor/confirm", { body: { code } }),
    hasForm: true,
    isRefreshed: false,
  });
  const change = (open: boolean) => {
    setOpen(open);
    if (!open) {
      // Only now does the page say that it is on: this dialog would go with the button.
      if (confirm.data) confirm.refresh();
      confirm.reset();
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    confirm.mutate(String(new FormData(event.currentTarget).get("code") ?? ""));
  };
  return (
    <>
      <Button onClick={() => begin.mutate(undefined)} disabled={begin.isPending}>
        <ShieldPlus aria-hidden /> Set up
      </Button>
      <Dialog open={isOpen} onOpenChange={change}>
        {confirm.data ? (
          <DialogContent
            title="Keep your backup codes"
            description="Each signs you in once, should the phone be lost. They are shown this once."
          >
            <BackupCodes codes={confirm.data.backupCodes} />
            <DialogFooter>
              <DialogClose asChild>
                <Button>I have kept them</Button>
              </DialogClose>
            </DialogFooter>
          </DialogContent>
        ) : (
          <DialogContent
            title="Set up a second factor"
            description="Scan this with an authenticator app, or type the secret into it. Then enter the code that it shows."
          >
            <form onSubmit={submit} className="grid gap-4">
              {begin.data ? (
                <>
                  <QrCode text={begin.data.uri} label="QR code of the secret" />
                  <SecretOnce label="Secret" value={begin.data.secret} />
                </>
              ) : null}
              <CodeField error={confirm.problems.code} />
              <FormError>{confirm.problems.code ? null : confirm.error?.message}</FormError>
              <DialogActions submit="Turn on" disabled={confirm.isPending} />
            </form>
          </DialogContent>
        )}
      </Dialog>
    </>
  );
}
