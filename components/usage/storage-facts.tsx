import { formatBytes, formatCount, formatDay } from "@/components/ui/format";
import type { StorageUsage } from "@/lib/domain/usage/storage";

/** How much is stored, of what, how it came and went, and where that leads to. */
export function StorageFacts({ storage }: { storage: StorageUsage }) {
  const { now, forecast, days, countedTo } = storage;
  const bytes = now.bodies + now.states + now.logs;
  const facts: [string, string][] = [
    ["Bodies of messages", `${formatBytes(now.bodies)}, ${formatCount(now.messages, "message")}`],
    ["Outputs and inputs", formatBytes(now.states)],
    ["Logs", formatBytes(now.logs)],
    ["In 30 days", `about ${formatBytes(forecast.bytesIn30Days)}`],
  ];
  return (
    <div className="grid gap-4">
      <p>
        <span className="nums font-semibold text-lg">{formatBytes(bytes)}</span>{" "}
        <span className="text-muted-foreground">
          {countedTo ? "stored, as counted an hour ago" : "stored: nothing is counted yet"}
        </span>
      </p>
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-muted-foreground text-xs">{name}</dt>
            <dd className="nums">{value}</dd>
          </div>
        ))}
      </dl>
      <Days days={days} />
    </div>
  );
}

/** A bar for each day: what came, and what went below it. */
function Days({ days }: Pick<StorageUsage, "days">) {
  const most = Math.max(1, ...days.map(({ came, went }) => Math.max(came, went)));
  const shown = days.filter(({ came, went, messages }) => came + went + messages > 0);
  if (shown.length === 0) return <p className="text-muted-foreground">Nothing came or went in 30 days.</p>;
  return (
    <ol className="grid gap-0.5 text-xs">
      {shown.map(({ day, messages, came, went }) => (
        <li
          key={day}
          className="grid grid-cols-[3.5rem_minmax(0,1fr)_minmax(8rem,auto)] items-center gap-x-3 rounded-sm px-1 py-0.5 hover:bg-muted"
        >
          <time dateTime={day} className="nums whitespace-nowrap text-muted-foreground">
            {formatDay(day).replace(/ \d{4}$/, "")}
          </time>
          <span aria-hidden className="grid gap-px">
            <span className="h-1.5 rounded-xs bg-accent" style={{ width: `${(came / most) * 100}%` }} />
            <span
              data-status="rejected"
              className="h-1.5 rounded-xs bg-(--status)"
              style={{ width: `${(went / most) * 100}%` }}
            />
          </span>
          <span className="nums text-right">
            {formatBytes(came)}
            <span className="text-muted-foreground">, {formatCount(messages, "message")}</span>
            {went > 0 ? <span className="text-muted-foreground">, {formatBytes(went)} went</span> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}
