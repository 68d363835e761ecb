import { type Column, ListRow, ListTable, RowLink } from "@/components/data-table/list-table";
import { RelativeTime } from "@/components/ui/relative-time";
import type { BulkAct } from "@/lib/domain/bulk/schemas";
import { ActBar, ActChip } from "./act-progress";
import { aboutWords, kindWords } from "./words";

const columns: Column[] = [
  { name: "State", className: "w-32" },
  { name: "Name", className: "w-[24%]" },
  { name: "What" },
  { name: "Progress", className: "w-40" },
  { name: "Started", className: "w-48" },
];

/** One row an act. On a phone each row is a card. */
export const ActTable = ({ projectId, acts }: { projectId: string; acts: BulkAct[] }) => (
  <ListTable caption="Bulk acts, newest first" columns={columns}>
    {acts.map((act) => (
      <ListRow
        key={act.id}
        isFresh={false}
        className="max-md:grid-cols-[auto_1fr] max-md:gap-x-2.5 max-md:gap-y-1"
      >
        <td>
          <ActChip act={act} />
        </td>
        <td className="min-w-0 truncate">
          <RowLink href={`/p/${projectId}/bulk/${act.id}`}>{act.name}</RowLink>
        </td>
        <td className="min-w-0 truncate text-muted-foreground text-xs max-md:col-span-2">
          {kindWords[act.kind].label}: {aboutWords(act)}
        </td>
        <td className="max-md:col-span-2">
          <ActBar act={act} />
        </td>
        <td title={act.createdBy} className="truncate text-muted-foreground text-xs max-md:col-span-2">
          <RelativeTime value={act.createdAt} />, {act.createdBy}
        </td>
      </ListRow>
    ))}
  </ListTable>
);
