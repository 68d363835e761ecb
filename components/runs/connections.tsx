import { formatBytes, formatDuration } from "@/components/ui/format";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import type { Connection } from "@/lib/workflow/types";

/** What nobody measured is a dash. */
export const shown = (measured: number | null, format: (value: number) => string): string =>
  measured === null ? "–" : format(measured);

/** Every connection that a step opened or was refused. `isLost`: nobody came to know all of them. */
export function Connections({ connections, isLost }: { connections: Connection[]; isLost: boolean }) {
  if (connections.length === 0)
    return (
      <p className="text-muted-foreground">
        {isLost ? "No connection of this step is known." : "This step opened no connection."}
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
