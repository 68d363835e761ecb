import { Pause } from "lucide-react";
import { NoticeBar } from "@/components/ui/notice-bar";
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
    <NoticeBar
      label={`${name} is paused`}
      icon={Pause}
      says={
        <>
          {name} has been paused since <AbsoluteTime toMinute value={pausedAt} />.
        </>
      }
      act={
        canResume ? (
          <PauseButton {...{ projectId, name }} {...(workflowId ? { workflowId } : {})} isPaused />
        ) : null
      }
    >
      Messages are accepted, and their runs wait until somebody resumes it.
    </NoticeBar>
  );
}
