"use client";
import { useMemo } from "react";
import { apiPath } from "@/components/api";
import { PayloadView } from "@/components/code/payload-view";
import { formatBytes } from "@/components/ui/format";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { MessageDetail } from "@/lib/domain/message/types";
import type { ExactJson } from "@/lib/exact-json";
import type { Term } from "@/lib/search/terms";
import { treeOf } from "./message-content";
import { queryText } from "./query-text";
import { ReadingLine } from "./reading-line";

/** What arrived: request line, body, headers, query. */
export function RequestView({
  message,
  readAs,
  copyAs,
  terms,
}: {
  message: MessageDetail;
  readAs?: React.ReactNode;
  /** Copies it as a command. */
  copyAs?: React.ReactNode;
  /** What the list that it was opened from searched for. */
  terms: readonly Term[];
}) {
  const tree = useMemo(() => treeOf(message), [message]);
  if (message.wiped)
    return (
      <p className="rounded-md border bg-card px-3 py-2">
        <span className="font-mono font-semibold text-[12.5px]">{message.method}</span>,{" "}
        {formatBytes(message.size)}. {message.wiped.says} What was done with it stays.
      </p>
    );
  const query = Object.entries(message.query);
  const headers = Object.entries(message.headers);
  const isBinary = message.body.encoding === "base64";
  const notice = isVeiled(message)
    ? message.format === "json" || message.body.content === ""
      ? undefined
      : "Without what is masked for your role. Only what has a structure is shown."
    : message.body.truncated
      ? "Only the beginning is shown. Download it to see all of it."
      : isBinary && message.view !== undefined
        ? "The tree is the JSON view that jobs receive; raw is base64, because the body is not all text."
        : isBinary
          ? "Not text: shown as base64. The download has the bytes as they were sent."
          : message.format !== "json" && message.view !== undefined
            ? "The tree is the JSON view that jobs receive; raw is the text that was sent."
            : undefined;
  return (
    <div className="grid gap-1">
      <div className="flex items-start gap-2">
        <p className="min-w-0 flex-1 rounded-md border bg-card px-3 py-2 font-mono text-[12.5px] [overflow-wrap:anywhere]">
          <span className="font-semibold">{message.method}</span> /{message.path.join("/")}
          {query.length > 0 ? (
            <span className="text-muted-foreground">{queryText(message.query)}</span>
          ) : null}
        </p>
        {copyAs}
      </div>
      <Tabs defaultValue="body">
        <TabsList aria-label="Request">
          <TabsTrigger value="body">Body</TabsTrigger>
          <TabsTrigger value="headers">
            Headers <span className="nums text-muted-foreground">{headers.length}</span>
          </TabsTrigger>
          {query.length > 0 ? (
            <TabsTrigger value="query">
              Query <span className="nums text-muted-foreground">{query.length}</span>
            </TabsTrigger>
          ) : null}
        </TabsList>
        <TabsContent value="body" className="grid gap-2">
          <ReadingLine message={message} action={readAs} />
          <PayloadView
            label="Body"
            text={message.body.content}
            json={tree}
            terms={terms}
            format={message.format}
            caption={formatBytes(message.size)}
            downloadHref={
              isVeiled(message)
                ? undefined
                : apiPath("/api/projects/[project]/messages/[id]/body", {
                    project: message.projectId,
                    id: message.id,
                  })
            }
            notice={notice}
          />
        </TabsContent>
        <TabsContent value="headers">
          <Pairs pairs={headers} />
        </TabsContent>
        <TabsContent value="query">
          <Pairs pairs={query.map(([name, value]) => [name, shortText(value)])} />
        </TabsContent>
      </Tabs>
    </div>
  );
}

/** Something of it is masked for whoever looks. */
export const isVeiled = ({ masking }: MessageDetail): boolean =>
  masking !== null && masking.revealedUntil === null;

const shortText = (value: ExactJson): string => (typeof value === "string" ? value : JSON.stringify(value));

function Pairs({ pairs }: { pairs: [string, string][] }) {
  if (pairs.length === 0) return <p className="text-muted-foreground">None.</p>;
  return (
    <dl className="overflow-hidden rounded-md border bg-card font-mono text-[12.5px]">
      {pairs.map(([name, value]) => (
        <div
          key={name}
          className="grid gap-x-3 border-b px-3 py-1.5 last:border-b-0 sm:grid-cols-[minmax(8rem,14rem)_1fr]"
        >
          <dt className="text-(--code-name) [overflow-wrap:anywhere]">{name}</dt>
          <dd className="[overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
