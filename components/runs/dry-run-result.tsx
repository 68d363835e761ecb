import { PayloadView } from "@/components/code/payload-view";
import { formatBytes, formatDuration } from "@/components/ui/format";
import { StatusChip, stepStatus } from "@/components/ui/status-chip";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { DryRun } from "@/lib/domain/run/types";
import { parseJson } from "./json-view";
import { LogLines } from "./log-box";
import { StepErrorView } from "./step-error";
import { RefusedConnections, WouldBeRequests } from "./would-be-requests";

/** What a dry run came to: the requests it would have sent, the state it would have handed on, and its log. */
export function DryRunResult({ result, source }: { result: DryRun; source: string }) {
  const { reason, error, output, logs, requests, connections, durationMs } = result;
  return (
    <section aria-label="Result of the dry run" className="grid grid-cols-1 gap-3">
      <p role="status" className="flex items-center gap-2 text-muted-foreground">
        <StatusChip status={stepStatus({ exitReason: reason })} />
        {durationMs === null ? "" : `after ${formatDuration(durationMs)}. `}Nothing was sent.
      </p>
      {error ? <StepErrorView error={error} source={source} /> : null}
      <Tabs defaultValue={requests.length > 0 ? "requests" : "result"}>
        <TabsList aria-label="Dry run">
          <TabsTrigger value="requests">
            Requests <span className="nums text-muted-foreground">{requests.length || ""}</span>
          </TabsTrigger>
          <TabsTrigger value="result">Result</TabsTrigger>
          <TabsTrigger value="logs">
            Logs <span className="nums text-muted-foreground">{logs.length || ""}</span>
          </TabsTrigger>
        </TabsList>
        <TabsContent value="requests">
          <WouldBeRequests requests={requests} />
          <RefusedConnections connections={connections} />
        </TabsContent>
        <TabsContent value="result">
          {output === null ? (
            <p className="text-muted-foreground">The job handed nothing on.</p>
          ) : (
            <PayloadView
              label="Result"
              text={output}
              json={parseJson(output)}
              caption={formatBytes(output.length)}
            />
          )}
        </TabsContent>
        <TabsContent value="logs">
          <div className="overflow-hidden rounded-md border bg-card">
            <LogLines lines={logs} isRunning={false} isFiltered={false} />
          </div>
        </TabsContent>
      </Tabs>
    </section>
  );
}
