import { formatAbsolute, formatBytes, formatDuration } from "@/components/ui/format";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import type { StepSummary } from "@/lib/domain/run/types";
import { repeatedWords } from "./repeated";

/** How a step ran: times, adaptor, credential by name, and every connection it opened or was refused. */
export function StepFacts({ step }: { step: StepSummary }) {
  const facts: [string, string][] = [
    ["Started", formatAbsolute(new Date(step.startedAt))],
    ...(step.attempt > 1 ? [["Attempt", String(step.attempt)] satisfies [string, string]] : []),
    ["Finished", step.finishedAt ? formatAbsolute(new Date(step.finishedAt)) : "still running"],
    ["Exit code", step.exitCode === null ? "–" : String(step.exitCode)],
    ["Duration", shown(step.durationMs, formatDuration)],
    ["Peak memory", step.peakMemoryMb === null ? "–" : `${step.peakMemoryMb.toFixed(0)} MB`],
    ["Adaptor", step.adaptor],
    ["Credential", step.credentialName ?? "none"],
    ...(step.repeats > 0 ? [["Lost at first", repeatedWords(step.repeats)] satisfies [string, string]] : []),
  ];
  return (
    <div className="grid gap-3">
      <dl className="note-grid grid-cols-2 sm:grid-cols-3">
        {facts.map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="caption">{name}</dt>
            <dd className="nums [overflow-wrap:anywhere]" suppressHydrationWarning>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <Connections step={step} />
    </div>
  );
}

/** What nobody measured is a dash. */
const shown = (measured: number | null, format: (value: number) => string): string =>
  measured === null ? "–" : format(measured);

function Connections({ step: { connections, exitReason } }: { step: StepSummary }) {
  if (connections.length === 0)
    return (
      <p className="text-muted-foreground">
        {exitReason === "lost" ? "No connection of this step is known." : "This step opened no connection."}
      </p>
    );
  return (
    <Table>
      <caption className="sr-only">Connections</caption>
      <TableHeader>
        <TableRow>
          <TableHead>Connected to</TableHead>
          <TableHead className="max-sm:hidden">Address</TableHead>
          <TableHead className="text-right">Sent</TableHead>
          <TableHead className="text-right">Received</TableHead>
          <TableHead className="text-right max-sm:hidden">Open for</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {connections.map((connection, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list of a finished step never changes
          <TableRow key={index}>
            <TableCell className="font-mono text-xs [overflow-wrap:anywhere]">
              {connection.host}:{connection.port}
            </TableCell>
            {connection.refused ? (
              <TableCell colSpan={4} data-status="rejected" className="text-(--status)">
                Refused: {connection.refused}
              </TableCell>
            ) : (
              <>
                <TableCell className="font-mono text-xs max-sm:hidden">{connection.address ?? "–"}</TableCell>
                <TableCell className="nums text-right">{formatBytes(connection.bytesSent)}</TableCell>
                <TableCell className="nums text-right">
                  {shown(connection.bytesReceived, formatBytes)}
                </TableCell>
                <TableCell className="nums text-right max-sm:hidden">
                  {shown(connection.durationMs, formatDuration)}
                </TableCell>
              </>
            )}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
