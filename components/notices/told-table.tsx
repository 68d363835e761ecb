import { type Column, ListRow, ListTable } from "@/components/data-table/list-table";
import { AbsoluteTime, RelativeTime } from "@/components/ui/relative-time";
import { StatusChip } from "@/components/ui/status-chip";
import type { NoticeItem } from "@/lib/domain/notice/list";
import { SendAgain } from "./send-again";
import {
  canGoAgain,
  channelWords,
  kindWords,
  noticeColours,
  noticeMeanings,
  titleOf,
  toWords,
} from "./told-words";

type Props = { projectId: string; notices: readonly NoticeItem[]; canSend: boolean };

/** One row a notice. On a phone each row is a card. */
export function ToldTable({ projectId, notices, canSend }: Props) {
  const isAction = canSend && notices.some(canGoAgain);
  const columns: Column[] = [
    { name: "State", className: "w-30" },
    { name: "What" },
    { name: "To", className: "w-56" },
    { name: "When", className: "w-48" },
    ...(isAction ? [{ name: "Again", className: "w-30" }] : []),
  ];
  return (
    <ListTable caption="Notices, newest first" columns={columns}>
      {notices.map((notice) => (
        <ListRow
          key={notice.id}
          isFresh={false}
          className="max-md:grid-cols-[1fr_auto] max-md:gap-x-2.5 max-md:gap-y-1.5"
        >
          <td>
            <StatusChip
              status={noticeColours[notice.state]}
              word={notice.state}
              title={noticeMeanings[notice.state]}
            />
          </td>
          <td className="min-w-0 max-md:order-3 max-md:col-span-2">
            <p className="font-medium [overflow-wrap:anywhere]">{titleOf(notice)}</p>
            {notice.subject ? (
              <p className="text-muted-foreground text-xs">{kindWords[notice.kind]}</p>
            ) : null}
            {notice.error ? (
              <p className="text-[13px] text-muted-foreground [overflow-wrap:anywhere]">
                {notice.error}
                {notice.attempts > 1 ? ` Tried ${notice.attempts.toLocaleString("en")} times.` : null}
              </p>
            ) : null}
          </td>
          <td className="min-w-0 text-[13px] max-md:order-4 max-md:col-span-2">
            <p className="truncate" title={toWords(notice)}>
              <span className="text-muted-foreground md:hidden">to </span>
              {toWords(notice)}
            </p>
            <p className="text-muted-foreground text-xs max-md:hidden">
              {notice.to.channel ? channelWords[notice.to.channel.type] : "Mail"}
            </p>
          </td>
          <td className="text-muted-foreground text-xs max-md:order-2 max-md:text-right">
            <RelativeTime value={notice.sentAt ?? notice.createdAt} />
            {notice.nextAt ? (
              <p>
                next at <AbsoluteTime toMinute value={notice.nextAt} />
              </p>
            ) : null}
          </td>
          {isAction ? (
            <td className="max-md:order-5 max-md:col-span-2 max-md:empty:hidden">
              {canGoAgain(notice) ? <SendAgain projectId={projectId} notice={notice} /> : null}
            </td>
          ) : null}
        </ListRow>
      ))}
    </ListTable>
  );
}
