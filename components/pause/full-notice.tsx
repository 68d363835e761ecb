import { Hourglass } from "lucide-react";
import { NoticeBar } from "@/components/ui/notice-bar";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { limits } from "@/lib/limits";

type Props = { name: string; fullSince: string; fullUntil: string };

/** Above the pages of a project whose messages are refused, because so many of its runs wait. */
export function FullNotice({ name, fullSince, fullUntil }: Props) {
  return (
    <NoticeBar
      label={`${name} refuses messages`}
      icon={Hourglass}
      isGrave
      says={
        <>
          {name} has refused messages since <AbsoluteTime toMinute value={fullSince} />.
        </>
      }
    >
      More than {limits.waitingRuns.toLocaleString("en")} of its runs wait. Senders are answered 429 and told
      when to come again: at the present pace there is room at <AbsoluteTime toMinute value={fullUntil} />.
    </NoticeBar>
  );
}
