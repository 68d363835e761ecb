import { Check, type LucideIcon, PackageOpen, RotateCcw, X } from "lucide-react";

type Hand = { at: string; icon: LucideIcon; status: string; what: string; detail: string };

const hands: Hand[] = [
  {
    at: "09:41:07",
    icon: PackageOpen,
    status: "running",
    what: "Received",
    detail: "POST, 1.2 KB, from the field app",
  },
  { at: "09:41:07", icon: Check, status: "success", what: "Referral", detail: "written to the registry" },
  { at: "09:41:08", icon: X, status: "failed", what: "Payment", detail: "503 from the bank's server" },
  { at: "09:52:30", icon: RotateCcw, status: "success", what: "Payment", detail: "rerun by Ada: accepted" },
];

/** What the product does, in the form of the thing that it is named after. */
export function ExampleNote() {
  return (
    <figure className="grid max-w-md gap-5">
      <div className="overflow-hidden rounded-xl border bg-card shadow-pop">
        <div className="flex items-baseline justify-between gap-4 px-5 py-4">
          <p className="font-semibold">New patient visit</p>
          <p className="nums font-mono text-muted-foreground text-xs">No. 8f3a21c4</p>
        </div>
        <div aria-hidden className="tear mx-5" />
        <ol className="grid gap-3.5 px-5 py-5">
          {hands.map(({ at, icon: Icon, status, what, detail }) => (
            <li
              key={`${at} ${what}`}
              data-status={status}
              className="grid grid-cols-[auto_1fr_auto] items-center gap-3"
            >
              <span className="flex size-7 items-center justify-center rounded-full border border-(--status-line) bg-(--status-soft) text-(--status)">
                <Icon aria-hidden className="size-3.5" />
              </span>
              <span className="min-w-0">
                <span className="block font-medium text-[13px]">{what}</span>
                <span className="block truncate text-muted-foreground text-xs">{detail}</span>
              </span>
              <time className="nums font-mono text-muted-foreground text-xs">{at}</time>
            </li>
          ))}
        </ol>
      </div>
      <figcaption className="px-1 text-muted-foreground leading-relaxed">
        A message comes in, and everything that was done with it stays attached to it: every job, every retry,
        every word the other side answered.
      </figcaption>
    </figure>
  );
}
