import Link from "next/link";
import { SourceLabel } from "@/components/inbox/source-label";
import { CopyButton } from "@/components/ui/copy-button";
import { formatBytes } from "@/components/ui/format";
import { AbsoluteTime, RelativeTime } from "@/components/ui/relative-time";
import type { MessageDetail } from "@/lib/domain/message/types";
import { isReadAsChosen } from "./reading-words";

/** The head of the note: what came, when, from where. */
export function NoteHead({
  message,
  hrefOf,
}: {
  message: MessageDetail;
  hrefOf: (messageId: string) => string;
}) {
  return (
    <dl className="note-grid grid-cols-2 md:grid-cols-[minmax(0,2.2fr)_minmax(0,1.6fr)_minmax(0,1fr)_minmax(0,1.4fr)_minmax(0,0.8fr)]">
      <Cell name="Message" className="max-md:col-span-2">
        <span className="flex items-center gap-1">
          <span className="nums truncate font-mono text-[13px]">{message.id}</span>
          <CopyButton
            size="icon-sm"
            variant="ghost"
            text={message.id}
            label="Copy message id"
            className="-my-1.5"
          />
        </span>
      </Cell>
      <Cell name="Received" className="max-md:col-span-2">
        <span className="nums">
          <AbsoluteTime value={message.receivedAt} />{" "}
          <span className="whitespace-nowrap text-muted-foreground">
            (<RelativeTime value={message.receivedAt} />)
          </span>
        </span>
      </Cell>
      <Cell name="Source">
        <SourceLabel source={message.source} />
        {message.sentBy ? (
          <span className="block truncate text-muted-foreground text-xs">by {message.sentBy}</span>
        ) : null}
      </Cell>
      <Cell name="Content type">
        <span className="[overflow-wrap:anywhere]">{message.contentType ?? "none given"}</span>{" "}
        <span className="text-muted-foreground">({message.format})</span>
      </Cell>
      <Cell name="Size" className="max-md:col-span-2">
        <span className="nums">{formatBytes(message.size)}</span>
      </Cell>
      <Delivered delivery={message.delivery} />
      {message.source === "test" ? (
        <Cell name="Test" className="col-span-full">
          {message.tests.length === 0
            ? "It came to the test URL of a draft, and nothing live was asked for it. No test of it is kept."
            : message.tests.map((test) => (
                <span key={test.id} className="block">
                  For {test.isMine ? "your" : `${test.owner}’s`} draft of {test.workflowName}, and nothing
                  live was asked for it.{" "}
                  {test.isMine ? (
                    <Link
                      href={`/p/${message.projectId}/workflows/${test.workflowId}/edit?message=${message.id}&test=${test.id}`}
                      className="underline"
                    >
                      Open the test
                    </Link>
                  ) : null}
                </span>
              ))}
        </Cell>
      ) : null}
      {message.refused ? (
        <Cell name="Accepted by hand" className="col-span-full">
          {message.refused.why} {message.refused.acceptedBy ?? "Somebody"} accepted it at{" "}
          <AbsoluteTime value={message.refused.acceptedAt} />.
        </Cell>
      ) : null}
      {message.resentFrom || message.resends.length > 0 ? (
        <Cell name="Copies" className="col-span-full">
          {message.resentFrom ? (
            <>
              {isReadAsChosen(message.reading) ? "Read in another way, a copy of" : "An edited copy of"}{" "}
              <CopyLink id={message.resentFrom} hrefOf={hrefOf} />.{" "}
            </>
          ) : null}
          {message.resends.length > 0 ? (
            <>
              Sent again as{" "}
              {message.resends.map(({ id }, index) => (
                <span key={id}>
                  {index > 0 ? ", " : ""}
                  <CopyLink id={id} hrefOf={hrefOf} />
                </span>
              ))}
              .
            </>
          ) : null}
        </Cell>
      ) : null}
    </dl>
  );
}

/** What came of the delivery id that the sender named, when there is anything to say. */
function Delivered({ delivery }: Pick<MessageDetail, "delivery">) {
  if (!delivery || (delivery.times === 1 && !delivery.isReused)) return null;
  return (
    <Cell name="Delivery" className="col-span-full">
      {delivery.times > 1 ? (
        <>
          Delivered {delivery.times} times, last at <AbsoluteTime value={delivery.lastAt} />. Repeats get the
          first answer and are not run.{" "}
        </>
      ) : null}
      {delivery.isReused
        ? "An earlier message has the same delivery id and another content, so this is a message of its own."
        : null}
    </Cell>
  );
}

function Cell({
  name,
  className,
  children,
}: {
  name: string;
  className?: string;
  children: React.ReactNode;
}) {
  return (
    <div className={`min-w-0 ${className ?? ""}`}>
      <dt className="caption">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function CopyLink({ id, hrefOf }: { id: string; hrefOf: (messageId: string) => string }) {
  return (
    <Link href={hrefOf(id)} className="font-mono text-[13px] text-accent underline">
      {id.slice(-8)}
    </Link>
  );
}
