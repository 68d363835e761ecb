import { formatAbsolute, formatBytes, formatDuration } from "@/components/ui/format";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { StatusChip, stepStatus } from "@/components/ui/status-chip";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import type { StepSummary } from "@/lib/domain/run/types";
import { tookWords } from "./repeated";

type Attempt = StepSummary["attempts"][number];
type Row = Pick<Attempt, "attempt" | "error" | "connections"> & {
  exitReason: StepSummary["exitReason"];
  beganAt: string;
  took: string;
};

const rowOf = (one: Attempt): Row => ({ ...one, beganAt: one.startedAt, took: tookWords(one) });

/** The last attempt, whose facts are the step's own, once it has ended; it began when the one before it said. */
function lastRow({
  attempts,
  attempt,
  error,
  connections,
  exitReason,
  durationMs,
  ...step
}: StepSummary): Row[] {
  if (step.finishedAt === null) return [];
  const beganAt = attempts.at(-1)?.waitsUntil ?? step.startedAt;
  const took = durationMs === null ? "–" : formatDuration(durationMs);
  return [{ attempt, error, connections, exitReason, beganAt, took }];
}

/** Every attempt of a step that its job's policy made, with what each came to, and when the next one begins. */
export function AttemptList({ step }: { step: StepSummary }) {
  const { attempt, attempts, retryAt, finishedAt } = step;
  return (
    <div className="grid gap-3">
      <Table>
        <caption className="sr-only">Attempts</caption>
        <TableHeader>
          <TableRow>
            <TableHead>Attempt</TableHead>
            <TableHead>Came to</TableHead>
            <TableHead className="max-sm:hidden">Sent to</TableHead>
            <TableHead className="text-right">Took</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {[...attempts.map(rowOf), ...lastRow(step)].map((one) => (
            <TableRow key={one.attempt}>
              <TableCell className="nums align-top">
                {one.attempt}
                <span className="block text-muted-foreground text-xs" suppressHydrationWarning>
                  {formatAbsolute(new Date(one.beganAt))}
                </span>
              </TableCell>
              <TableCell className="align-top">
                <StatusChip status={stepStatus(one)} />{" "}
                <code className="font-mono text-xs">{one.error?.type}</code>
                <p className="text-muted-foreground [overflow-wrap:anywhere]">{one.error?.message}</p>
              </TableCell>
              <TableCell className="align-top font-mono text-xs [overflow-wrap:anywhere] max-sm:hidden">
                {one.connections.length === 0
                  ? "nobody"
                  : one.connections
                      .map(({ host, port, bytesSent }) => `${host}:${port} (${formatBytes(bytesSent)})`)
                      .join(", ")}
              </TableCell>
              <TableCell className="nums whitespace-nowrap text-right align-top">{one.took}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      <p className="text-muted-foreground" role="status">
        {retryAt ? (
          <>
            Attempt {attempt} begins at <AbsoluteTime value={retryAt} />. Nothing is held for it until then,
            and cancelling the run ends it at once.
          </>
        ) : finishedAt ? (
          `Attempt ${attempt} was the last: error, output and details are its own.`
        ) : (
          `Attempt ${attempt} is under way.`
        )}
      </p>
    </div>
  );
}
