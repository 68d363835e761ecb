"use client";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { signInProblem, unreachable } from "@/components/signed-out/problem";
import { signIn } from "@/components/signed-out/sign-in";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

/** Asks for the link that makes an account. What it says is the same whether or not there is one already. */
export function LinkForm({ next }: { next: string }) {
  const router = useRouter();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setIsBusy(true);
    const email = String(new FormData(event.currentTarget).get("email") ?? "");
    const error = await signIn("email", { email, callbackUrl: next }).catch(() => undefined);
    if (error === null) return router.push("/sign-in/sent");
    setProblem(signInProblem(error) ?? unreachable);
    setIsBusy(false);
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label="E-mail" hint="You are mailed a link that makes the account and signs you in.">
        <Input type="email" name="email" autoComplete="username" required autoFocus />
      </Field>
      <FormError>{problem}</FormError>
      <Button type="submit" size="lg" disabled={isBusy}>
        {isBusy ? "Sending…" : "E-mail me a link"}
      </Button>
    </form>
  );
}
