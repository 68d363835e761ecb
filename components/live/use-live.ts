"use client";
import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useState } from "react";
import { useConnection } from "@/components/connection/use-connection";
import { toast } from "@/components/ui/toast";
import { page } from "@/components/unsaved/page";
import { type Hint, type LiveState, liveSource, signedOut } from "./source";

/** The notice that says why: there is one, whoever watches. */
export const streamEnded = "live-ended";

export type UseLive = {
  onHint: (hints: Hint[] | null) => void;
  /** Hints that come closer together than this are handed over together. */
  gatherMs?: number;
};

/**
 * Calls back when something of the project may have changed: with the hints, or with null for "anything". Says how the
 * page is being kept current.
 */
export function useLive(projectId: string, { onHint, gatherMs = 250 }: UseLive): LiveState {
  const router = useRouter();
  const [state, setState] = useState<LiveState>("connecting");
  const handOver = useEffectEvent((hints: Hint[] | null) => onHint(hints));
  useEffect(() => {
    let gathered: Hint[] | null = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      const hints = gathered;
      gathered = [];
      timer = undefined;
      handOver(hints);
    };
    const stop = liveSource(projectId).watch({
      onState: setState,
      onEnd: (why) => {
        toast.error(why, { id: streamEnded, duration: Number.POSITIVE_INFINITY });
        // What the server makes of this page now: the sign-in page, the one for strangers, or a notice above it.
        if (why !== signedOut && !page.isUnsaved) router.refresh();
      },
      onHint: (hint) => {
        gathered = hint === null || gathered === null ? null : [...gathered, hint];
        timer ??= setTimeout(flush, gatherMs);
      },
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [projectId, gatherMs, router]);
  const connection = useConnection();
  return connection === "ok" || state === "ended" ? state : "offline";
}

/** True when the hints speak of one of these ids, or of anything. An empty list of ids means "anything". */
export const concerns = (hints: Hint[] | null, topic: Hint["topic"], ids?: ReadonlySet<string>): boolean =>
  hints === null ||
  hints.some(
    (hint) => hint.topic === topic && (!ids || hint.ids.length === 0 || hint.ids.some((id) => ids.has(id))),
  );
