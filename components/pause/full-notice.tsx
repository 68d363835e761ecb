import { Hourglass } from "lucide-react";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { limits } from "@/lib/limits";

type Props = { name: string; fullSince: string; fullUntil: string };

/** Above the pages of a project whose messages are refused, because so many of its runs wait. */
export function FullNotice({ name, fullSince, fullUntil }: Props) {
  return (
    <section
      aria-label={`${name} refuses messages`}
      className="mb-4 flex flex-wrap items-center gap-3 rounded-lg border border-destructive/50 bg-card px-4 py-3"
    >
      <Hourglass aria-hidden className="size-5 text-destructive" />
      <p className="min-w-0 flex-1 basis-60 leading-relaxed [overflow-wrap:anywhere]">
        <strong className="font-semibold">
          {name} has refused messages since <AbsoluteTime toMinute value={fullSince} />.
        </strong>{" "}
        More than {limits.waitingRuns.toLocaleString("en")} of its runs wait. Senders are answered 429 and
        told when to come again: at the present pace there is room at{" "}
        <AbsoluteTime toMinute value={fullUntil} />.
      </p>
    </section>
  );
}
