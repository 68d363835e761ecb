"use client";
import dynamic from "next/dynamic";
import { useCallback, useEffect, useRef, useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { OneMoment } from "@/components/ui/one-moment";
import { setSignInAsker } from "./ask";
import type { SignInHereProps } from "./sign-in-here";

const SignInHere = dynamic(() => import("./sign-in-here").then((module) => module.SignInHere), {
  ssr: false,
  loading: OneMoment,
});

/** Mounted for who is signed in: when the session has ended, they sign in here, and nothing on the page is lost. */
export function SignedOutDialog(props: Pick<SignInHereProps, "user" | "hasOtherWays">) {
  const [isOpen, setOpen] = useState(false);
  const answer = useRef<((isDone: boolean) => void) | undefined>(undefined);
  const end = useCallback((isDone: boolean) => {
    setOpen(false);
    answer.current?.(isDone);
    answer.current = undefined;
  }, []);
  useEffect(() => {
    setSignInAsker(
      () =>
        new Promise((resolve) => {
          answer.current = resolve;
          setOpen(true);
        }),
    );
    return () => {
      setSignInAsker(undefined);
      end(false);
    };
  }, [end]);
  return (
    <Dialog open={isOpen} onOpenChange={(open) => (open ? undefined : end(false))}>
      <DialogContent
        title="You were signed out"
        description="Sign in to go on where you are. What you have typed stays."
        className="w-[min(92vw,26rem)]"
      >
        <SignInHere {...props} onDone={() => end(true)} onCancel={() => end(false)} />
      </DialogContent>
    </Dialog>
  );
}
