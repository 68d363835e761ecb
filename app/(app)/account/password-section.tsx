"use client";
import { type FormEvent, useRef } from "react";
import { FormError } from "@/components/account/form-error";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";

export function PasswordSection({ hasPassword, email }: { hasPassword: boolean; email: string }) {
  const form = useRef<HTMLFormElement>(null);
  const change = useApi({
    send: (body: { current: string; next: string }) => api("PUT /api/account/password", { body }),
    message: "The password is changed. Every other browser is signed out.",
    hasForm: true,
    done: () => form.current?.reset(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    change.mutate({ current: String(data.get("current") ?? ""), next: String(data.get("next") ?? "") });
  };
  const { problems } = change;
  const isShownAbove = "current" in problems || "next" in problems;
  return (
    <Section
      id="password"
      title={hasPassword ? "Password" : "Set a password"}
      description="A new password signs every other browser out. API tokens stay."
    >
      <Form onSubmit={submit} saved={change.isSuccess} ref={form} className="grid max-w-sm gap-4">
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        {hasPassword ? (
          <Field label="Current password" error={problems.current}>
            <Input type="password" name="current" autoComplete="current-password" required />
          </Field>
        ) : null}
        <Field label="New password" hint="At least 10 characters." error={problems.next}>
          <Input
            type="password"
            name="next"
            autoComplete="new-password"
            required
            minLength={10}
            maxLength={200}
          />
        </Field>
        <FormError>{isShownAbove ? null : change.error?.message}</FormError>
        <Button type="submit" className="justify-self-start" disabled={change.isPending}>
          {hasPassword ? "Change password" : "Set password"}
        </Button>
      </Form>
    </Section>
  );
}
