import { CalendarClock, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";

const soonMs = 14 * 86_400_000;

type Props = { expiresAt: string | null; renewalFailedAt: string | null };

/** What is soon over with a credential, or is: nothing for most. */
export function CredentialLife({ expiresAt, renewalFailedAt }: Props) {
  const endsIn = expiresAt ? Date.parse(expiresAt) - Date.now() : Number.POSITIVE_INFINITY;
  return (
    <>
      {renewalFailedAt ? (
        <Badge data-status="failed" className="border-(--status-line) bg-(--status-soft) text-(--status)">
          <TriangleAlert aria-hidden /> not renewed since <RelativeTime value={renewalFailedAt} />
        </Badge>
      ) : null}
      {expiresAt && endsIn < soonMs ? (
        <Badge data-status="failed" className="border-(--status-line) bg-(--status-soft) text-(--status)">
          <CalendarClock aria-hidden /> {endsIn > 0 ? "ends" : "ended"} {expiresAt.slice(0, 10)}
        </Badge>
      ) : null}
    </>
  );
}
