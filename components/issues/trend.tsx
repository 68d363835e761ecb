import { cn } from "@/components/ui/cn";
import { trendWords } from "./words";

/** A bar for each day, today last. */
export function Trend({ trend, className }: { trend: readonly number[]; className?: string }) {
  const most = Math.max(1, ...trend);
  return (
    <svg
      role="img"
      aria-label={trendWords(trend)}
      viewBox={`0 0 ${trend.length * 6 - 2} 20`}
      preserveAspectRatio="none"
      data-status="failed"
      className={cn("h-5 w-20 text-(--status)", className)}
    >
      <title>{trendWords(trend)}</title>
      {trend.map((count, place) => {
        const height = count === 0 ? 1 : Math.max(3, (count / most) * 20);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a day is its place
            key={place}
            x={place * 6}
            y={20 - height}
            width={4}
            height={height}
            fill="currentColor"
            opacity={count === 0 ? 0.25 : 1}
          />
        );
      })}
    </svg>
  );
}
