import { PayloadView } from "@/components/code/payload-view";
import type { WouldBeRequest } from "@/lib/runner/contract";
import type { Connection } from "@/lib/workflow/types";
import { parseJson } from "./json-view";

/** What could not be recorded and was refused while nothing was to be sent; nothing where there is none. */
export function RefusedConnections({ connections }: { connections: Connection[] }) {
  const refused = connections.filter((connection) => connection.refused);
  if (refused.length === 0) return null;
  return (
    <p className="mt-2 text-muted-foreground">
      {refused.length === 1 ? "One connection" : `${refused.length} connections`} could not be recorded and{" "}
      {refused.length === 1 ? "was" : "were"} refused:{" "}
      {refused.map(({ host, port }) => `${host}:${port}`).join(", ")}.
    </p>
  );
}

/** The requests that a job would have sent, in order; each opens. */
export function WouldBeRequests({ requests }: { requests: WouldBeRequest[] }) {
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
