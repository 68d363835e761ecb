"use client";
import { Pause, Play } from "lucide-react";
import type { LiveState } from "@/components/live/source";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import type { Status } from "@/components/ui/status-chip";

const words: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live",
  polling: "Live, every 3 s",
  offline: "Not live",
  ended: "Not live",
};

const colours: Record<LiveState, Status> = {
  connecting: "running",
  live: "success",
  polling: "running",
  offline: "failed",
  ended: "cancelled",
};

/** Says how current the list is, and stops it or lets it go on. */
export function LiveSwitch({
  state,
  paused,
  waiting,
  onPausedChange,
}: {
  state: LiveState;
  paused: boolean;
  /** How many new rows wait, as text; null for none. */
  waiting: string | null;
  onPausedChange: (paused: boolean) => void;
}) {
  return (
    <Button
      variant="outline"
      aria-pressed={paused}
      aria-label={
        paused
          ? `Live updates are paused${waiting ? `, ${waiting} waiting` : ""}: resume`
          : `${words[state]}: pause live updates`
      }
      onClick={() => onPausedChange(!paused)}
      className="min-w-22"
    >
      <span
        aria-hidden
        data-status={paused ? "cancelled" : colours[state]}
        className={cn(
          "size-2 rounded-full bg-(--status)",
          !paused && state === "live" && "animate-pulse [animation-duration:2.4s]",
        )}
      />
      {paused ? `Paused${waiting ? `, ${waiting} waiting` : ""}` : words[state]}
      {paused ? <Play aria-hidden className="!size-3.5" /> : <Pause aria-hidden className="!size-3.5" />}
    </Button>
  );
}
