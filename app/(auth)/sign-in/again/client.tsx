"use client";
import { EntranceTitle } from "@/components/account/entrance";
import { goToProvider } from "@/components/signed-out/sign-in";
import { Button } from "@/components/ui/button";

/** A click, not a redirect: nothing signs anybody in because an address was opened. */
export function GoToProvider({ id, name }: { id: string; name: string }) {
  return (
    <>
      <EntranceTitle title="Sign in again">Then close this tab, and go on in the other one.</EntranceTitle>
      <Button size="lg" onClick={() => void goToProvider(id, "/sign-in/again")}>
        Continue with {name}
      </Button>
    </>
  );
}
