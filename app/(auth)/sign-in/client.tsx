"use client";
import { Mail } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { Or } from "@/components/account/entrance";
import { FormError } from "@/components/account/form-error";
import { signInProblem, unreachable } from "@/components/signed-out/problem";
import { goToProvider, signIn } from "@/components/signed-out/sign-in";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { SignInMethods } from "@/lib/auth/methods";
import { withNext } from "@/lib/auth/next-path";

type Props = { next: string; methods: SignInMethods; problem: string | undefined };

export function SignInForm({ next, methods, problem: initialProblem }: Props) {
  const router = useRouter();
  const emailField = useRef<HTMLInputElement>(null);
  const [email, setEmail] = useState("");
  const [problem, setProblem] = useState(initialProblem);
  const [busy, setBusy] = useState<string | null>(null);

  /** True when it worked; otherwise the form says why not. */
  const attempt = async (
    way: "credentials" | "email",
    fields: { email: string; password?: string },
  ): Promise<boolean> => {
    setBusy(way);
    setProblem(undefined);
    const error = await signIn(way, { ...fields, callbackUrl: next }).catch(() => undefined);
    if (error === null) return true;
    setProblem(signInProblem(error) ?? unreachable);
    setBusy(null);
    return false;
  };

  const withPassword = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password") ?? "");
    // A whole navigation: everything that was rendered for nobody is rendered again.
    if (await attempt("credentials", { email, password })) window.location.assign(next);
  };

  const withLink = async () => {
    if (!emailField.current?.reportValidity()) return;
    if (await attempt("email", { email })) router.push("/sign-in/sent");
  };

  return (
    <div className="grid gap-4">
      <form onSubmit={withPassword} className="grid gap-4">
        <Field label="E-mail">
          <Input
            ref={emailField}
            type="email"
            name="email"
            autoComplete="username"
            required
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <Field label="Password">
          <Input type="password" name="password" autoComplete="current-password" required />
        </Field>
        <FormError>{problem && wayOut(problem, methods)}</FormError>
        <Button type="submit" size="lg" disabled={busy !== null}>
          {busy === "credentials" ? "Signing in…" : "Sign in"}
        </Button>
      </form>
      {methods.link || methods.providers.length > 0 ? <Or /> : null}
      <div className="grid gap-2">
        {methods.link ? (
          <Button variant="outline" size="lg" onClick={withLink} disabled={busy !== null}>
            <Mail aria-hidden />
            {busy === "email" ? "Sending…" : "E-mail me a sign-in link"}
          </Button>
        ) : null}
        {methods.providers.map(({ id, name }) => (
          <Button
            key={id}
            variant="outline"
            size="lg"
            disabled={busy !== null}
            onClick={() => {
              setBusy(id);
              void goToProvider(id, next).catch(() => {
                setProblem(unreachable);
                setBusy(null);
              });
            }}
          >
            Continue with {name}
          </Button>
        ))}
      </div>
      <p className="text-muted-foreground">
        {methods.signUp ? (
          <>
            New here?{" "}
            <Link className="text-accent underline underline-offset-3" href={withNext("/sign-up", next)}>
              Create an account
            </Link>
          </>
        ) : (
          "New accounts are by invitation. Open the link in the invitation you were sent."
        )}
      </p>
    </div>
  );
}

/** The mailed link is never locked: it is there for whom others keep from the password. */
const wayOut = (problem: string, { link }: SignInMethods): string =>
  link && problem.startsWith("Too many attempts")
    ? `${problem} Or have a sign-in link e-mailed to you.`
    : problem;
