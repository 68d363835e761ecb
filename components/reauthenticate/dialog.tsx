"use client";
import dynamic from "next/dynamic";
import { useCallback, useEffect, useRef, useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { OneMoment } from "@/components/ui/one-moment";
import { setAsker } from "./ask";

const ReauthenticateForm = dynamic(() => import("./form").then((module) => module.ReauthenticateForm), {
  ssr: false,
  loading: OneMoment,
});

type Question = { does: string; answer: (isDone: boolean) => void };

/** Mounted once: whatever the API refuses with `reauthenticate` waits here for its person, and is then sent again. */
export function ReauthenticateDialog() {
  const [question, setQuestion] = useState<Question | null>(null);
  const open = useRef<Question | null>(null);
  useEffect(() => {
    setAsker(
      (does) =>
        new Promise((answer) => {
          open.current = { does, answer };
          setQuestion(open.current);
        }),
    );
    return () => {
      setAsker(undefined);
      open.current?.answer(false);
    };
  }, []);
  const end = useCallback((isDone: boolean) => {
    open.current?.answer(isDone);
    open.current = null;
    setQuestion(null);
  }, []);
  return (
    <Dialog open={question !== null} onOpenChange={(isOpen) => (isOpen ? undefined : end(false))}>
      <DialogContent
        title="Is it you?"
        description={`To ${question?.does ?? "go on"}, show that you are still there. What you have typed stays.`}
        className="w-[min(92vw,26rem)]"
      >
        <ReauthenticateForm onDone={() => end(true)} onCancel={() => end(false)} />
      </DialogContent>
    </Dialog>
  );
}
