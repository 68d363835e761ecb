import { Pause } from "lucide-react";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { PauseButton } from "./pause-button";

type Props = {
  projectId: string;
  workflowId?: string;
  name: string;
  pausedAt: string;
  canResume: boolean;
};

/** Above what is paused: since when, what that means, and the way out of it. */
export function PausedNotice({ projectId, workflowId, name, pausedAt, canResume }: Props) {
  return (
    <section
      aria-label={`${name} is paused`}
      className="mb-4 flex flex-wrap items-center gap-3 rounded-lg border border-input bg-card px-4 py-3"
    >
      <Pause aria-hidden className="size-5 text-muted-foreground" />
      <p className="min-w-0 flex-1 basis-60 leading-relaxed [overflow-wrap:anywhere]">
        <strong className="font-semibold">
          {name} has been paused since <AbsoluteTime toMinute value={pausedAt} />.
        </strong>{" "}
        Messages are accepted, and their runs wait until somebody resumes it.
      </p>
      {canResume ? (
        <PauseButton {...{ projectId, name }} {...(workflowId ? { workflowId } : {})} isPaused />
      ) : null}
    </section>
  );
}
