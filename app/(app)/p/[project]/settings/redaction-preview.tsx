import Link from "next/link";
import { RelativeTime } from "@/components/ui/relative-time";
import type { RedactionPreview as Preview } from "@/lib/domain/message/preview-redactions";

/** Where paths lead in the newest message, without its values. */
export function RedactionPreview({ projectId, preview }: { projectId: string; preview: Preview }) {
  const { message, problem, paths } = preview;
  if (!message)
    return (
      <p className="mt-4 text-muted-foreground">
        There is no message to try them on:{" "}
        <Link href={`/p/${projectId}/inbox`} className="text-accent underline">
          send one first
        </Link>
        . Wiped messages and those above a megabyte are not tried.
      </p>
    );
  return (
    <section aria-label="On the newest message" className="mt-4 grid gap-2">
      <p>
        In{" "}
        <Link href={`/p/${projectId}/inbox/${message.id}`} className="text-accent underline">
          the newest message
        </Link>
        , received <RelativeTime value={message.receivedAt} />:
      </p>
      {problem ? (
        <p data-status="failed" className="text-(--status)">
          It would be refused. {problem}
        </p>
      ) : null}
      <ul className="divide-y rounded-md border bg-card">
        {paths.map(({ path, count, places }) => (
          <li key={path} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-3 py-2">
            <span className="font-mono text-[12.5px] text-(--code-name) [overflow-wrap:anywhere]">
              {path}
            </span>
            <span className={count === 0 ? "text-muted-foreground" : undefined}>
              {count === 0 ? "leads nowhere" : `${count} ${count === 1 ? "value" : "values"}`}
            </span>
            {count > 0 && (count > 1 || places[0] !== path) ? (
              <span className="basis-full font-mono text-muted-foreground text-xs [overflow-wrap:anywhere]">
                {places.join(", ")}
                {count > places.length ? ` and ${count - places.length} more` : ""}
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
