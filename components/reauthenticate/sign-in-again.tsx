"use client";
import { useMutation } from "@tanstack/react-query";
import { ExternalLink, Mail } from "lucide-react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { signIn } from "@/components/signed-out/sign-in";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import type { Ways } from "./use-way";

type Props = { ways: Ways; onDone: () => void; onCancel: () => void };

/** For who has nothing to type: a mailed link or a provider, in another tab, while this page stays as it is. */
export function SignInAgain({ ways, onDone, onCancel }: Props) {
  const { email, providers } = ways;
  const send = useMutation({
    mutationFn: async (to: string) => {
      const error = await signIn("email", { email: to, callbackUrl: "/sign-in/again" });
      if (error !== null) throw new Error("The link could not be sent. Try again later.");
    },
  });
  const check = useMutation({
    mutationFn: async () => {
      const now = await api("GET /api/account/reauthentication");
      // The other tab may have signed somebody else in.
      if (now.userId !== ways.userId)
        throw new Error("This browser is signed in as somebody else now. Reload the page.");
      if (!now.isRecent) throw new Error("You have not signed in again yet.");
    },
    onSuccess: onDone,
  });
  return (
    <div className="grid gap-3">
      {email ? (
        <Button
          variant="outline"
          onClick={() => send.mutate(email)}
          disabled={send.isPending || send.isSuccess}
        >
          <Mail aria-hidden />
          {send.isSuccess ? "The link is on its way" : `Mail a link to ${email}`}
        </Button>
      ) : null}
      {send.isSuccess ? (
        <p role="status" className="text-muted-foreground text-sm leading-relaxed">
          Open the link in this browser, then come back to this tab.
        </p>
      ) : null}
      {providers.map(({ id, name }) => (
        <Button key={id} asChild variant="outline">
          <a href={`/sign-in/again?with=${encodeURIComponent(id)}`} target="_blank" rel="noopener">
            <ExternalLink aria-hidden />
            Sign in with {name} in a new tab
          </a>
        </Button>
      ))}
      {!email && providers.length === 0 ? (
        <p className="leading-relaxed">Sign out and in again: nothing else shows that it is you.</p>
      ) : null}
      <FormError>{send.error?.message ?? check.error?.message}</FormError>
      <DialogFooter className="mt-1">
        <Button variant="outline" onClick={onCancel}>
          Cancel
        </Button>
        <Button onClick={() => check.mutate()} disabled={check.isPending}>
          I have signed in again
        </Button>
      </DialogFooter>
    </div>
  );
}
