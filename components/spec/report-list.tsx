import { TriangleAlert } from "lucide-react";

/** What is otherwise than the file says, a sentence each. */
export function ReportList({ lines, label = "Report" }: { lines: readonly string[]; label?: string }) {
  return (
    <ul aria-label={label} className="grid gap-2">
      {lines.map((line) => (
        <li key={line} className="flex gap-2 leading-relaxed">
          <TriangleAlert
            aria-hidden
            data-status="cancelled"
            className="mt-1 size-4 shrink-0 text-(--status)"
          />
          <span className="min-w-0 [overflow-wrap:anywhere]">{line}</span>
        </li>
      ))}
    </ul>
  );
}
