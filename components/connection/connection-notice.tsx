"use client";
import { WifiOff } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useState } from "react";
import { page } from "@/components/unsaved/page";
import { connection, watchConnection } from "./connection";
import { useConnection } from "./use-connection";

/** Says on every page when there is no connection, and reads the page again when there is one. */
export function ConnectionNotice() {
  const router = useRouter();
  const state = useConnection();
  const [wasLost, setWasLost] = useState(false);
  const [heard, setHeard] = useState("");
  const follow = useEffectEvent(() => {
    if (state !== "ok") {
      setWasLost(true);
      setHeard(new Date(connection.heardAt).toLocaleTimeString("en-GB"));
      return;
    }
    if (!wasLost) return;
    setWasLost(false);
    // A session that ended meanwhile would lead to the sign-in page, and what is typed would be lost.
    if (!page.isUnsaved) router.refresh();
  });
  useEffect(watchConnection, []);
  useEffect(() => {
    // It does something else in each of them.
    if (state) follow();
  }, [state]);
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-18 z-60 flex justify-center px-3 sm:bottom-5"
    >
      {state === "ok" ? null : (
        <p
          data-status="failed"
          className="flex max-w-[34rem] items-start gap-2.5 rounded-lg border border-(--status-line) bg-popover px-3.5 py-2.5 shadow-pop"
        >
          <WifiOff aria-hidden className="mt-0.5 size-4 shrink-0 text-(--status)" />
          <span>
            <strong className="font-semibold">
              {state === "offline" ? "You are offline." : "The server does not answer."}
            </strong>{" "}
            {state === "offline" ? "Nothing is sent, now or later by itself. " : ""}
            What you see is from {heard}.
          </span>
        </p>
      )}
    </div>
  );
}
