"use client";
import { BadgeCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { signIn } from "@/components/signed-out/sign-in";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { Profile } from "@/lib/domain/user/get";

/** `canMail`: a link can be mailed, which proves the address. */
export function ProfileSection({ profile, canMail }: { profile: Profile; canMail: boolean }) {
  const save = useApi({
    send: (name: string) => api("PATCH /api/account", { body: { name } }),
    message: "Saved.",
    hasForm: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(String(new FormData(event.currentTarget).get("name") ?? ""));
  };
  return (
    <Section id="profile" title="Profile">
      <Form onSubmit={submit} saved={save.isSuccess} className="flex flex-wrap items-end gap-3">
        <Field
          label="Name"
          className="min-w-0 flex-1 basis-52"
          error={save.problems.name ?? save.error?.message}
        >
          <Input name="name" autoComplete="name" required maxLength={100} defaultValue={profile.name ?? ""} />
        </Field>
        <Button type="submit" disabled={save.isPending}>
          Save
        </Button>
      </Form>
      <div className="mt-4 flex flex-wrap items-center gap-2 text-muted-foreground text-sm">
        {profile.isEmailVerified ? (
          <>
            <BadgeCheck aria-hidden className="size-4 text-accent" />
            {profile.email} is confirmed.
          </>
        ) : canMail ? (
          <ConfirmEmail email={profile.email} />
        ) : (
          `${profile.email} is not confirmed.`
        )}
      </div>
    </Section>
  );
}

/** A sign-in link proves the mailbox; opened in this browser it changes nothing else. */
function ConfirmEmail({ email }: { email: string }) {
  const router = useRouter();
  const [isBusy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    const error = await signIn("email", { email, callbackUrl: "/account" }).catch(() => undefined);
    if (error === null) return router.push("/sign-in/sent");
    setBusy(false);
    toast.error("The link could not be sent. Try again later.");
  };
  return (
    <>
      {email} is not confirmed, so invitations to it need their link.
      <Button variant="outline" size="sm" onClick={send} disabled={isBusy}>
        Send a link to confirm it
      </Button>
    </>
  );
}
