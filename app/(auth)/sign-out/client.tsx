"use client";
import { useEffect, useRef, useState } from "react";
import { EntranceTitle } from "@/components/account/entrance";
import { FormError } from "@/components/account/form-error";
import { unreachable } from "@/components/signed-out/problem";
import { signOut } from "@/components/signed-out/sign-in";
import { Button } from "@/components/ui/button";

/** Signs out as soon as it is shown; the button is there for when that fails. */
export function SignOut({ email }: { email: string }) {
  const started = useRef(false);
  const [hasFailed, setHasFailed] = useState(false);
  const leave = async () => {
    setHasFailed(false);
    try {
      await signOut();
      window.location.assign("/sign-in");
    } catch {
      setHasFailed(true);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a visit
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    void leave();
  }, []);
  return (
    <>
      <EntranceTitle title={hasFailed ? "You are still signed in" : "Signing you out…"}>
        <p role="status">{email}</p>
      </EntranceTitle>
      {hasFailed ? <FormError>{unreachable}</FormError> : null}
      {hasFailed ? <Button onClick={leave}>Sign out</Button> : null}
    </>
  );
}
