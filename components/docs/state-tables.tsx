import { cn } from "@/components/ui/cn";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import type { Machine } from "@/lib/workflow/states";
import type { StatusInfo } from "@/lib/workflow/status";
import { type Look, StateChip } from "./state-chip";

export type StateTablesProps<S extends string> = {
  machine: Machine<S>;
  /** Left out when the states are explained elsewhere. */
  info?: Record<S, StatusInfo> | undefined;
  look: (state: S) => Look;
};

/** Each state with what it means and what to do about it, and each way between them. */
export function StateTables<S extends string>({ machine, info, look }: StateTablesProps<S>) {
  return (
    <div className={cn("grid gap-4 lg:items-start", info && "lg:grid-cols-2")}>
      {info ? <Meanings machine={machine} info={info} look={look} /> : null}
      <Ways machine={machine} look={look} />
    </div>
  );
}

function Meanings<S extends string>({
  machine,
  info,
  look,
}: StateTablesProps<S> & { info: Record<S, StatusInfo> }) {
  return (
    <Table className="table-fixed">
      <TableHeader>
        <TableRow>
          <TableHead className="w-31">State</TableHead>
          <TableHead>What it means, and what to do about it</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {machine.states.map((state) => (
          <TableRow key={state}>
            <TableCell className="align-top">
              <StateChip look={look(state)} />
            </TableCell>
            <TableCell className="leading-relaxed">
              <p>{info[state].meaning}</p>
              <p className="text-muted-foreground">{info[state].remedy}</p>
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function Ways<S extends string>({ machine, look }: StateTablesProps<S>) {
  return (
    <Table className="table-fixed">
      <TableHeader>
        <TableRow>
          <TableHead className="w-28 sm:w-31">From</TableHead>
          <TableHead className="px-1">What happens</TableHead>
          <TableHead className="w-28 sm:w-31">To</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {machine.ways.map((way) => (
          <TableRow key={way.by}>
            <TableCell className="align-top">
              <Chips states={way.from} none="begins" look={look} />
            </TableCell>
            <TableCell className="px-1 align-top leading-relaxed">
              <p className="font-medium first-letter:uppercase">{way.by}</p>
              <p className="text-muted-foreground">{way.meaning}</p>
            </TableCell>
            <TableCell className="align-top">
              <Chips states={way.to} none="taken away" look={look} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

type ChipsProps<S extends string> = { states: readonly (S | null)[]; none: string; look: (state: S) => Look };

function Chips<S extends string>({ states, none, look }: ChipsProps<S>) {
  return (
    <div className="flex flex-col items-start gap-1">
      {states.map((state) =>
        state === null ? (
          <span key={none} className="text-muted-foreground text-xs">
            {none}
          </span>
        ) : (
          <StateChip key={state} look={look(state)} />
        ),
      )}
    </div>
  );
}
