"use client";
import { Download } from "lucide-react";
import { type ReactNode, useDeferredValue, useMemo, useState } from "react";
import { useMayDownload } from "@/components/masks/downloads";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { FindInput } from "@/components/ui/find-input";
import { MarkedAt, MarkedParts } from "@/components/ui/marked";
import type { ExactJson } from "@/lib/exact-json";
import { type Mark, marksIn, united } from "@/lib/search/marks";
import { readSpelling } from "@/lib/search/spelling";
import type { Term } from "@/lib/search/terms";
import type { MessageFormat } from "@/lib/words";
import { findInJson, splitAt } from "./find";
import { JsonTree } from "./json-tree";

export type PayloadViewProps = {
  /** As text; a binary payload's base64. */
  text: string;
  /** JSON view; undefined where there is none. */
  json?: ExactJson | undefined;
  /** Beside the buttons: format, size. */
  caption?: ReactNode;
  downloadHref?: string | undefined;
  /** Said above when what is shown is not all. */
  notice?: string | undefined;
  /** What the list that this was opened from searched for: marked until something is looked for here. */
  terms?: readonly Term[];
  /** The format that the text is written in: marks find what its escapes say. */
  format?: MessageFormat;
  /** What this is, for screen readers: "Body". */
  label: string;
};

/** More than this in one text node makes scrolling heavy; the rest is a download away. */
const shownCharacters = 300_000;

const nothing: readonly Term[] = [];

/** A payload as a tree or raw, searchable, copied or downloaded. */
export function PayloadView(props: PayloadViewProps) {
  const mayDownload = useMayDownload();
  const { text, json, caption, downloadHref, notice, label, terms = nothing, format = "json" } = props;
  const [isRaw, setRaw] = useState(false);
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const hasTree = json !== undefined;
  return (
    <div className="overflow-hidden rounded-md border bg-card">
      <div className="flex flex-wrap items-center gap-1.5 border-b bg-muted/40 px-2 py-1.5">
        <FindInput label={`Search in ${label.toLowerCase()}`} value={search} onChange={setSearch} />
        {caption ? <span className="nums px-1 text-muted-foreground text-xs">{caption}</span> : null}
        {hasTree ? (
          <Button size="sm" variant="outline" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
            {isRaw ? "Tree" : "Raw"}
          </Button>
        ) : null}
        {mayDownload ? <CopyButton size="icon-sm" text={text} label={`Copy ${label.toLowerCase()}`} /> : null}
        {downloadHref && mayDownload ? (
          <Button asChild size="icon-sm" variant="outline">
            <a href={downloadHref} download aria-label={`Download ${label.toLowerCase()}`} title="Download">
              <Download aria-hidden />
            </a>
          </Button>
        ) : null}
      </div>
      {notice ? <p className="border-b px-3 py-1.5 text-muted-foreground text-xs">{notice}</p> : null}
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-[32rem] overflow-auto px-3 py-2 focus-visible:-outline-offset-2"
      >
        {hasTree && wanted ? (
          <Matches json={json} wanted={wanted} />
        ) : hasTree && !isRaw ? (
          <JsonTree value={json} terms={terms} />
        ) : (
          <RawText text={text} wanted={wanted} terms={terms} format={format} />
        )}
      </section>
    </div>
  );
}

/** Where terms are in a text as it is written, escaped or not. */
function rawMarks(text: string, terms: readonly Term[], format: MessageFormat): Mark[] {
  if (terms.length === 0) return [];
  const read = readSpelling(format, text);
  const said = read ? marksIn(read.text, terms).map(read.written) : [];
  return united([...said, ...marksIn(text, terms)]);
}

type RawTextProps = { text: string; wanted: string; terms: readonly Term[]; format: MessageFormat };

function RawText({ text, wanted, terms, format }: RawTextProps) {
  const shown = text.length > shownCharacters ? text.slice(0, shownCharacters) : text;
  const parts = useMemo(() => splitAt(shown, wanted), [shown, wanted]);
  const marks = useMemo(() => rawMarks(shown, terms, format), [shown, terms, format]);
  if (text === "") return <p className="text-muted-foreground">Empty.</p>;
  return (
    <>
      {wanted ? <MatchCount count={(parts.length - 1) / 2} /> : null}
      <pre className="whitespace-pre-wrap font-mono text-[12.5px] leading-6 [overflow-wrap:anywhere]">
        {wanted ? <MarkedParts parts={parts} /> : <MarkedAt text={shown} marks={marks} />}
      </pre>
      {text.length > shownCharacters ? (
        <p className="pt-2 text-muted-foreground text-xs">
          The first {shownCharacters.toLocaleString("en")} characters. Download it to see all.
        </p>
      ) : null}
    </>
  );
}

function Matches({ json, wanted }: { json: ExactJson; wanted: string }) {
  const found = useMemo(() => findInJson(json, wanted), [json, wanted]);
  return (
    <>
      <MatchCount count={found.length} />
      <dl className="font-mono text-[12.5px] leading-6">
        {found.map(({ path, value }) => (
          <div key={path} className="group flex items-start gap-2 border-b py-1 last:border-b-0">
            <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
              <dt className="text-(--code-name)">{path}</dt>
              <dd className="text-(--code-string)">
                {value.length > 300 ? `${value.slice(0, 300)}…` : value}
              </dd>
            </div>
            <CopyButton
              size="icon-sm"
              variant="ghost"
              text={path}
              label={`Copy path ${path}`}
              done="Path copied"
            />
          </div>
        ))}
      </dl>
    </>
  );
}

function MatchCount({ count }: { count: number }) {
  return (
    <p role="status" className="pb-1.5 font-sans text-muted-foreground text-xs">
      {count === 0 ? "Nothing found." : `${count} ${count === 1 ? "place" : "places"}`}
    </p>
  );
}
