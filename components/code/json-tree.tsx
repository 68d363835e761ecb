"use client";
import { useMemo, useState } from "react";
import { formatCount } from "@/components/ui/format";
import { Marked } from "@/components/ui/marked";
import { type ExactJson, ExactNumber } from "@/lib/exact-json";
import { fold } from "@/lib/search/fold";
import type { Term } from "@/lib/search/terms";

/** Children are shown in portions, so that an array of a hundred thousand does not freeze the page. */
const portion = 100;
const longText = 400;

type Branching = ExactJson[] | { [key: string]: ExactJson };

const isBranch = (value: ExactJson): value is Branching =>
  typeof value === "object" && value !== null && !(value instanceof ExactNumber);

const nothing: readonly Term[] = [];

/** A JSON value as a tree that opens and closes by mouse and keyboard. What is searched for is marked, and in sight. */
export function JsonTree({
  value,
  openLevels = 2,
  terms = nothing,
}: {
  value: ExactJson;
  openLevels?: number;
  terms?: readonly Term[];
}) {
  const found = useMemo(() => branchesWith(value, terms), [value, terms]);
  return (
    <div className="font-mono text-[12.5px] leading-6 [overflow-wrap:anywhere]">
      <Node name={null} value={value} openLevels={openLevels} search={{ terms, found }} />
    </div>
  );
}

type Search = { terms: readonly Term[]; found: ReadonlySet<Branching> };

/** Branches that are opened because something in them is searched for, at most so many. */
const maxOpened = 50;

function branchesWith(root: ExactJson, terms: readonly Term[]): ReadonlySet<Branching> {
  const opened = new Set<Branching>();
  if (terms.length === 0 || !isBranch(root)) return opened;
  const stack: { branch: Branching; above: Branching[] }[] = [{ branch: root, above: [] }];
  for (let next = stack.pop(); next && opened.size < maxOpened; next = stack.pop()) {
    const { branch, above } = next;
    const path = [...above, branch];
    for (const [key, value] of Object.entries(branch)) {
      if (isBranch(value)) stack.push({ branch: value, above: path });
      const text = fold(isBranch(value) ? key : `${key} ${String(value)}`);
      if (terms.some((term) => term.find(text))) for (const one of path) opened.add(one);
    }
  }
  return opened;
}

type NodeProps<T> = { name: string | null; value: T; openLevels: number; search: Search };

function Node({ name, value, openLevels, search }: NodeProps<ExactJson>) {
  if (isBranch(value)) return <Branch name={name} value={value} openLevels={openLevels} search={search} />;
  return (
    <div className="pl-4">
      <Key name={name} terms={search.terms} />
      <Leaf value={value} terms={search.terms} />
    </div>
  );
}

function Branch({ name, value, openLevels, search }: NodeProps<Branching>) {
  const entries = Object.entries(value);
  const [isOpen, setOpen] = useState(
    (openLevels > 0 && entries.length <= portion) || search.found.has(value),
  );
  const [shown, setShown] = useState(portion);
  const brackets = Array.isArray(value) ? "[]" : "{}";
  if (entries.length === 0)
    return (
      <div className="pl-4">
        <Key name={name} terms={search.terms} />
        {brackets}
      </div>
    );
  const noun = Array.isArray(value) ? "item" : "key";
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="marker:text-muted-foreground marker:text-[10px]">
        <Key name={name} terms={search.terms} />
        <span className="text-muted-foreground">
          {brackets[0]} {entries.length} {entries.length === 1 ? noun : `${noun}s`} {brackets[1]}
        </span>
      </summary>
      {isOpen ? (
        <div className="ml-1 border-l pl-2.5">
          {entries.slice(0, shown).map(([key, child]) => (
            <Node key={key} name={key} value={child} openLevels={openLevels - 1} search={search} />
          ))}
          {entries.length > shown ? (
            <button
              type="button"
              className="pl-4 text-accent underline"
              onClick={() => setShown(shown + portion * 5)}
            >
              {entries.length - shown} more
            </button>
          ) : null}
        </div>
      ) : null}
    </details>
  );
}

const Key = ({ name, terms }: { name: string | null; terms: readonly Term[] }) =>
  name === null ? null : (
    <>
      <span className="text-(--code-name)">
        <Marked text={name} terms={terms} />
      </span>
      <span className="text-muted-foreground">: </span>
    </>
  );

/** A number that JavaScript cannot hold: as it was sent, and what jobs make of it. */
const Exact = ({ value, terms }: { value: ExactNumber; terms: readonly Term[] }) => (
  <>
    <span className="text-(--code-number)">
      <Marked text={value.written} terms={terms} />
    </span>
    <span className="ml-2 font-sans text-muted-foreground text-xs">jobs get {String(value.toJSON())}</span>
  </>
);

function Leaf({
  value,
  terms,
}: {
  value: null | boolean | number | string | ExactNumber;
  terms: readonly Term[];
}) {
  const [isWhole, setWhole] = useState(false);
  if (value instanceof ExactNumber) return <Exact value={value} terms={terms} />;
  if (typeof value !== "string")
    return (
      <span className={typeof value === "number" ? "text-(--code-number)" : "text-(--code-keyword)"}>
        <Marked text={String(value)} terms={terms} />
      </span>
    );
  const isCut = value.length > longText && !isWhole;
  return (
    <span className="text-(--code-string)">
      <Marked text={JSON.stringify(isCut ? value.slice(0, longText) : value)} terms={terms} />
      {isCut ? (
        <button type="button" className="ml-1 text-accent underline" onClick={() => setWhole(true)}>
          all {formatCount(value.length, "character")}
        </button>
      ) : null}
    </span>
  );
}
