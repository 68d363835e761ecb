import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import { type StatusRow, statusTable } from "@/lib/workflow/status-table";
import { StateChip } from "./state-chip";

const aborts = ({ aborts }: StatusRow): string => (aborts === null ? "–" : aborts ? "yes" : "no");

/** Every run status, every error type that leads to it, and what to do about each: seed 3's table, from the code. */
export function StatusTable() {
  return (
    <Table className="table-fixed">
      <TableHeader>
        <TableRow>
          <TableHead className="w-31">Status</TableHead>
          <TableHead className="w-36 max-sm:hidden sm:w-44">Error type</TableHead>
          <TableHead className="w-24 max-sm:hidden">Ends the run?</TableHead>
          <TableHead>What it means, and what to do about it</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {statusTable.map((row) => (
          <TableRow key={row.anchor} id={row.anchor} className="scroll-mt-20 target:bg-muted">
            <TableCell className="align-top">
              <StateChip look={{ status: row.state, word: row.state }} />
            </TableCell>
            <TableCell className="align-top max-sm:hidden">{row.type ? <Type row={row} /> : "–"}</TableCell>
            <TableCell className="align-top max-sm:hidden">{aborts(row)}</TableCell>
            <TableCell className="leading-relaxed">
              {row.type ? (
                <p className="sm:hidden">
                  <Type row={row} /> (ends the run: {aborts(row)})
                </p>
              ) : null}
              <p>{row.info.meaning}</p>
              <p className="text-muted-foreground">{row.info.remedy}</p>
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

const Type = ({ row }: { row: StatusRow }) => (
  <a href={`#${row.anchor}`} className="font-mono text-xs [overflow-wrap:anywhere] hover:underline">
    {row.type}
  </a>
);
