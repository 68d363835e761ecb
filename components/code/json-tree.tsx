"use client";
import { useState } from "react";
import { formatCount } from "@/components/ui/format";
import type { Json } from "@/lib/workflow/types";

/** Children are shown in portions, so that an array of a hundred thousand does not freeze the page. */
const portion = 100;
const longText = 400;

const isBranch = (value: Json): value is Json[] | { [key: string]: Json } =>
  typeof value === "object" && value !== null;

/** A JSON value as a tree that opens and closes by mouse and keyboard. */
export function JsonTree({ value, openLevels = 2 }: { value: Json; openLevels?: number }) {
  return (
    <div className="font-mono text-[12.5px] leading-6 [overflow-wrap:anywhere]">
      <Node name={null} value={value} openLevels={openLevels} />
    </div>
  );
}

function Node({ name, value, openLevels }: { name: string | null; value: Json; openLevels: number }) {
  if (isBranch(value)) return <Branch name={name} value={value} openLevels={openLevels} />;
  return (
    <div className="pl-4">
      <Key name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Branch({
  name,
  value,
  openLevels,
}: {
  name: string | null;
  value: Json[] | { [key: string]: Json };
  openLevels: number;
}) {
  const entries = Object.entries(value);
  const [isOpen, setOpen] = useState(openLevels > 0 && entries.length <= portion);
  const [shown, setShown] = useState(portion);
  const brackets = Array.isArray(value) ? "[]" : "{}";
  if (entries.length === 0)
    return (
      <div className="pl-4">
        <Key name={name} />
        {brackets}
      </div>
    );
  const noun = Array.isArray(value) ? "item" : "key";
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="marker:text-muted-foreground marker:text-[10px]">
        <Key name={name} />
        <span className="text-muted-foreground">
          {brackets[0]} {entries.length} {entries.length === 1 ? noun : `${noun}s`} {brackets[1]}
        </span>
      </summary>
      {isOpen ? (
        <div className="ml-1 border-l pl-2.5">
          {entries.slice(0, shown).map(([key, child]) => (
            <Node key={key} name={key} value={child} openLevels={openLevels - 1} />
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

const Key = ({ name }: { name: string | null }) =>
  name === null ? null : (
    <>
      <span className="text-(--code-name)">{name}</span>
      <span className="text-muted-foreground">: </span>
    </>
  );

function Leaf({ value }: { value: null | boolean | number | string }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== "string")
    return (
      <span className={typeof value === "number" ? "text-(--code-number)" : "text-(--code-keyword)"}>
        {String(value)}
      </span>
    );
  const isCut = value.length > longText && !isWhole;
  return (
    <span className="text-(--code-string)">
      {JSON.stringify(isCut ? value.slice(0, longText) : value)}
      {isCut ? (
        <button type="button" className="ml-1 text-accent underline" onClick={() => setWhole(true)}>
          all {formatCount(value.length, "character")}
        </button>
      ) : null}
    </span>
  );
}
