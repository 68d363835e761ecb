"use client";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { FormError } from "@/components/account/form-error";
import { ApiError, api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

type Props = { next: string; email: string | undefined; invitation: string | undefined };

export function SignUpForm({ next, email, invitation }: Props) {
  const register = useMutation({
    mutationFn: (form: FormData) =>
      api("POST /api/auth/register", {
        body: {
          name: String(form.get("name") ?? ""),
          email: String(form.get("email") ?? ""),
          password: String(form.get("password") ?? ""),
          ...(invitation ? { invitation } : {}),
        },
      }),
    onSuccess: () => window.location.assign(next),
  });
  const problems = register.error instanceof ApiError ? (register.error.details ?? {}) : {};
  const isShownBelow = ["name", "email", "password"].some((field) => field in problems);
  const isBusy = register.isPending || register.isSuccess;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    register.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label="Name" error={problems.name}>
        <Input name="name" autoComplete="name" required maxLength={100} autoFocus />
      </Field>
      <Field
        label="E-mail"
        error={problems.email}
        hint={invitation ? "The invitation was sent to this address." : undefined}
      >
        <Input
          type="email"
          name="email"
          autoComplete="username"
          required
          defaultValue={email}
          readOnly={invitation !== undefined}
        />
      </Field>
      <Field label="Password" error={problems.password} hint="At least 10 characters. A few words are fine.">
        <Input
          type="password"
          name="password"
          autoComplete="new-password"
          required
          minLength={10}
          maxLength={200}
        />
      </Field>
      <FormError>{isShownBelow ? null : register.error?.message}</FormError>
      <Button type="submit" size="lg" disabled={isBusy}>
        {isBusy ? "Creating your account…" : "Create account"}
      </Button>
    </form>
  );
}
