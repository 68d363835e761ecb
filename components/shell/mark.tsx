import { cn } from "@/components/ui/cn";

/** The mark: a note with its perforated stub, and the stroke of one hand. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className={cn("size-6", className)}>
      <path
        d="M4 3.5h16a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1Z"
        className="fill-primary"
      />
      <path
        d="M16.5 5v14"
        strokeWidth="1.2"
        strokeDasharray="1.4 1.6"
        className="stroke-primary-foreground"
        fill="none"
      />
      <path
        d="m5.8 9 1.9 6.2L10 10l2.2 5.2L14 9"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        className="stroke-primary-foreground"
        fill="none"
      />
    </svg>
  );
}
