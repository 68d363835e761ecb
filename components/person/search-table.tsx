import { type Column, ListRow, ListTable, RowLink } from "@/components/data-table/list-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatusChip } from "@/components/ui/status-chip";
import type { PersonRequest } from "@/lib/domain/person/schemas";
import { stateColours, stateWords, titleOf } from "./words";

const columns: Column[] = [
  { name: "State", className: "w-36" },
  { name: "Of whom" },
  { name: "Found", className: "w-24" },
  { name: "Asked for", className: "w-52" },
];

/** One row a search. On a phone each row is a card. */
export const SearchTable = ({ projectId, searches }: { projectId: string; searches: PersonRequest[] }) => (
  <ListTable caption="Searches, newest first" columns={columns}>
    {searches.map((one) => (
      <ListRow
        key={one.id}
        isFresh={false}
        className="max-md:grid-cols-[auto_1fr] max-md:gap-x-2.5 max-md:gap-y-1"
      >
        <td>
          <StatusChip status={stateColours[one.state]} word={stateWords[one.state]} />
        </td>
        <td className="min-w-0 truncate">
          <RowLink href={`/p/${projectId}/persons/${one.id}`}>{titleOf(one)}</RowLink>
        </td>
        <td className="nums max-md:col-span-2">
          {one.found.toLocaleString("en")}
          <span className="md:hidden"> found</span>
        </td>
        <td title={one.createdBy} className="truncate text-muted-foreground text-xs max-md:col-span-2">
          <RelativeTime value={one.createdAt} />, {one.createdBy}
        </td>
      </ListRow>
    ))}
  </ListTable>
);
