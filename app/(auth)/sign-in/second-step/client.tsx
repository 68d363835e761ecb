"use client";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { CodeField } from "@/components/account/code-field";
import { FormError } from "@/components/account/form-error";
import { ApiError, api } from "@/components/api";
import { signOut } from "@/components/signed-out/sign-in";
import { Button } from "@/components/ui/button";
import { withNext } from "@/lib/auth/next-path";

export function SecondStepForm({ next }: { next: string }) {
  const step = useMutation({
    mutationFn: (code: string) => api("POST /api/auth/second-step", { body: { code } }),
    // A whole navigation: everything that was rendered for nobody is rendered again.
    onSuccess: () => window.location.assign(next),
    onError: (error) => {
      if (error instanceof ApiError && error.status === 401)
        window.location.assign(withNext("/sign-in", next));
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    step.mutate(String(new FormData(event.currentTarget).get("code") ?? ""));
  };
  const leave = async () => {
    await signOut().catch(() => undefined);
    window.location.assign(withNext("/sign-in", next));
  };
  const problem = step.error instanceof ApiError ? step.error.details?.code : undefined;
  const isBusy = step.isPending || step.isSuccess;
  return (
    <form onSubmit={submit} className="grid gap-4">
      <CodeField error={problem} autoFocus />
      <FormError>{problem ? null : step.error?.message}</FormError>
      <Button type="submit" size="lg" disabled={isBusy}>
        {isBusy ? "Signing in…" : "Sign in"}
      </Button>
      <Button variant="outline" size="lg" onClick={leave} disabled={isBusy}>
        Use another account
      </Button>
      <p className="text-muted-foreground text-xs leading-relaxed">
        Device and backup codes are lost? Whoever runs this installation can turn the second factor off for
        you.
      </p>
    </form>
  );
}
