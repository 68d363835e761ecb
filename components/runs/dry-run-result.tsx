import { PayloadView } from "@/components/code/payload-view";
import { formatBytes, formatDuration } from "@/components/ui/format";
import { StatusChip, stepStatus } from "@/components/ui/status-chip";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { DryRun } from "@/lib/domain/run/types";
import type { WouldBeRequest } from "@/lib/runner/contract";
import { parseJson } from "./json-view";
import { LogLines } from "./log-viewer";
import { StepErrorView } from "./step-error";

/** What a dry run came to: the requests it would have sent, the state it would have handed on, and its log. */
export function DryRunResult({ result, source }: { result: DryRun; source: string }) {
  const { reason, error, output, logs, requests, connections, durationMs } = result;
  const refused = connections.filter((connection) => connection.refused);
  return (
    <section aria-label="Result of the dry run" className="grid gap-3 border-t pt-4">
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
          <Requests requests={requests} />
          {refused.length > 0 ? (
            <p className="mt-2 text-muted-foreground">
              {refused.length === 1 ? "One connection" : `${refused.length} connections`} could not be
              recorded and {refused.length === 1 ? "was" : "were"} refused:{" "}
              {refused.map(({ host, port }) => `${host}:${port}`).join(", ")}.
            </p>
          ) : null}
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

function Requests({ requests }: { requests: WouldBeRequest[] }) {
  if (requests.length === 0) return <p className="text-muted-foreground">The job would send no request.</p>;
  return (
    <ol className="grid gap-2">
      {requests.map((request, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the requests of one result, in order
        <li key={index} className="overflow-hidden rounded-md border bg-card">
          <Request request={request} />
        </li>
      ))}
    </ol>
  );
}

function Request({ request }: { request: WouldBeRequest }) {
  const { method, headers, body } = request;
  return (
    <details>
      <summary className="px-3 py-2 font-mono text-xs [overflow-wrap:anywhere]">
        <span className="font-semibold">{method}</span> {urlOf(request)}
      </summary>
      <div className="grid gap-2 border-t px-3 py-2">
        <dl className="font-mono text-xs leading-5.5">
          {Object.entries(headers).map(([name, value]) => (
            <div key={name} className="flex gap-2 [overflow-wrap:anywhere]">
              <dt className="shrink-0 text-muted-foreground">{name}:</dt>
              <dd className="min-w-0">{value}</dd>
            </div>
          ))}
        </dl>
        {body === "" ? null : <PayloadView label="Body" text={body} json={parseJson(body)} />}
      </div>
    </details>
  );
}

function urlOf({ secure, host, port, path }: WouldBeRequest): string {
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const isUsual = port === (secure ? 443 : 80);
  return `${secure ? "https" : "http"}://${shownHost}${isUsual ? "" : `:${port}`}${path}`;
}
