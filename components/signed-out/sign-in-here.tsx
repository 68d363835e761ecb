"use client";
import { useMutation } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { type FormEvent, useState } from "react";
import { CodeField } from "@/components/account/code-field";
import { FormError } from "@/components/account/form-error";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { signInProblem, unreachable } from "./problem";
import { sendCode, whoIsSignedIn } from "./session";
import { signIn } from "./sign-in";

export type SignInHereProps = {
  user: { id: string; email: string };
  /** A mailed link or a provider, besides the password. */
  hasOtherWays: boolean;
  onDone: () => void;
  onCancel: () => void;
};

/** The password, then the code where there is a second factor; or another way in another tab. */
export function SignInHere({ user, hasOtherWays, onDone, onCancel }: SignInHereProps) {
  const [needsCode, setNeedsCode] = useState(false);
  /** Whoever else is signed in by now must not do what this page's person began. */
  const finish = async (whenNobody: () => void) => {
    const now = await whoIsSignedIn();
    if (now === null) return whenNobody();
    if (now !== user.id) throw new Error("This browser is signed in as somebody else now. Reload the page.");
    onDone();
  };
  const attempt = useMutation({
    mutationFn: async (text: string) => {
      if (needsCode) await sendCode(text);
      else {
        const error = await signIn("credentials", { email: user.email, password: text }).catch(
          () => undefined,
        );
        if (error !== null) throw new Error(signInProblem(error) ?? unreachable);
      }
      await finish(() => setNeedsCode(true));
    },
  });
  const check = useMutation({
    mutationFn: () =>
      finish(() => {
        throw new Error("You have not signed in yet.");
      }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // In React's tree, though not in the page's, it may be inside the form that asked.
    event.stopPropagation();
    attempt.mutate(String(new FormData(event.currentTarget).get(needsCode ? "code" : "password") ?? ""));
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {needsCode ? (
        <CodeField key="code" label="Code from your app, or a backup code" autoFocus />
      ) : (
        <>
          <input type="hidden" name="username" autoComplete="username" value={user.email} readOnly />
          <Field key="password" label={`Password of ${user.email}`}>
            <Input type="password" name="password" autoComplete="current-password" required autoFocus />
          </Field>
        </>
      )}
      {hasOtherWays && !needsCode ? (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
          <a
            href="/sign-in?next=%2Fsign-in%2Fagain"
            target="_blank"
            rel="noopener"
            className="inline-flex items-center gap-1.5 text-accent underline underline-offset-3"
          >
            <ExternalLink aria-hidden className="size-3.5" /> Another way, in a new tab
          </a>
          <Button variant="link" className="px-0" onClick={() => check.mutate()} disabled={check.isPending}>
            I have signed in there
          </Button>
        </div>
      ) : null}
      <FormError>{attempt.error?.message ?? check.error?.message}</FormError>
      <DialogFooter className="mt-1">
        <Button variant="outline" onClick={onCancel}>
          Not now
        </Button>
        <Button type="submit" disabled={attempt.isPending}>
          {attempt.isPending ? "Signing in…" : "Sign in"}
        </Button>
      </DialogFooter>
    </form>
  );
}
