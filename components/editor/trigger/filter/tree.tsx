"use client";
import { ChevronDown, ChevronRight } from "lucide-react";
import { type FocusEvent, type KeyboardEvent, type ReactNode, useState } from "react";
import { cn } from "@/components/ui/cn";
import { formatCount } from "@/components/ui/format";
import type { ExactJson } from "@/lib/exact-json";
import { shortJson } from "@/lib/short-json";
import { type Condition, isScalar } from "@/lib/workflow/filter/conditions";
import { type Ask, asks, isAsked, type Offer, offerOf, type Place, stepsOf } from "./model";
import { pathText } from "./words";

/** Children are shown in portions, so that a list of a hundred thousand does not freeze the page. */
const portion = 50;
const maxShown = 200;
const openLevels = 2;

type Choosing = {
  inclusion: readonly Condition[];
  exclusion: readonly Condition[];
  onAsk: (ask: Ask, offer: Offer) => void;
};

/** A message in which each value can be asked for. Arrows move: up and down from value to value, left and right within one. */
export function SampleTree({ value, ...choosing }: { value: ExactJson } & Choosing) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows move among the buttons within
    <div
      className="overflow-x-auto rounded-lg border bg-card p-2 text-[12.5px]"
      onKeyDown={move}
      onFocus={stay}
    >
      <ul>
        <Node place={[]} value={value} choosing={choosing} />
      </ul>
    </div>
  );
}

type NodeProps = { place: Place; value: ExactJson; choosing: Choosing };

function Node({ place, value, choosing }: NodeProps) {
  const entries = isScalar(value) ? null : entriesOf(value);
  const [isOpen, setOpen] = useState(place.length < openLevels && (entries?.length ?? 0) <= portion);
  const [shown, setShown] = useState(portion);
  const isFolding = entries !== null && entries.length > 0;
  return (
    <li>
      <Row
        place={place}
        value={value}
        choosing={choosing}
        isEntry={place.length === 0 && !isFolding}
        fold={
          isFolding ? (
            <Cell
              isEntry={place.length === 0}
              label={`${nameOf(place)}: ${isOpen ? "close" : "open"}`}
              expanded={isOpen}
              onPress={() => setOpen(!isOpen)}
            >
              {isOpen ? (
                <ChevronDown aria-hidden className="size-3.5" />
              ) : (
                <ChevronRight aria-hidden className="size-3.5" />
              )}
            </Cell>
          ) : (
            <span className="w-5 shrink-0" />
          )
        }
      />
      {isFolding && isOpen ? (
        <ul className="ml-2.5 border-l pl-1.5">
          {entries.slice(0, shown).map(([key, one]) => (
            <Node key={key} place={[...place, key]} value={one} choosing={choosing} />
          ))}
          {entries.length > shown ? (
            <li data-row>
              <Cell
                label={`${formatCount(entries.length - shown, "value")} more`}
                onPress={() => setShown(shown + portion)}
              >
                {formatCount(entries.length - shown, "value")} more
              </Cell>
            </li>
          ) : null}
        </ul>
      ) : null}
    </li>
  );
}

const entriesOf = (
  value: Exclude<ExactJson, null | string | number | boolean>,
): [string | number, ExactJson][] => (Array.isArray(value) ? [...value.entries()] : Object.entries(value));

const nameOf = (place: Place): string => (place.length === 0 ? "The message" : pathText(stepsOf(place)));

const askWords: Record<Ask, string> = { is: "is", there: "is there", not: "is not" };

type RowProps = NodeProps & { fold: ReactNode; isEntry: boolean };

function Row({ place, value, choosing, fold, isEntry }: RowProps) {
  const isPlain = isScalar(value);
  const said = isPlain ? shortJson(value, maxShown) : sizeOf(value);
  const last = place.at(-1);
  return (
    <div
      data-row
      className="flex flex-wrap items-center gap-x-1.5 gap-y-0.5 rounded-md py-0.5 hover:bg-muted/60"
    >
      <span className="flex min-w-0 items-center gap-1 font-mono [overflow-wrap:anywhere]">
        {fold}
        {last === undefined ? null : typeof last === "number" ? (
          <span className="text-muted-foreground">{last}</span>
        ) : (
          <span className="text-(--code-name)">{last}</span>
        )}
        <span className={isPlain ? "text-(--code-string)" : "text-muted-foreground"}>{said}</span>
      </span>
      <Offers place={place} value={value} said={said} choosing={choosing} isEntry={isEntry} />
    </div>
  );
}

type OffersProps = NodeProps & { said: string; isEntry: boolean };

/** What can be asked of a value; where nothing can, why. */
function Offers({ place, value, said, isEntry, choosing: { inclusion, exclusion, onAsk } }: OffersProps) {
  const offers = asks.map((ask) => ({ ask, offer: offerOf(ask, place, value) }));
  const open = offers.filter(({ offer }) => "conditions" in offer);
  const [first] = offers;
  if (open.length === 0)
    return place.length > 0 && first && "why" in first.offer ? (
      <span className="ml-auto text-muted-foreground text-xs">{first.offer.why}</span>
    ) : null;
  return (
    <span className="ml-auto flex shrink-0 gap-1">
      {open.map(({ ask, offer }, at) => (
        <Cell
          key={ask}
          label={`${nameOf(place)} ${askWords[ask]}${ask === "there" ? "" : ` ${said}`}`}
          pressed={isAsked(ask === "not" ? exclusion : inclusion, offer)}
          isExcluding={ask === "not"}
          isEntry={isEntry && at === 0}
          onPress={() => onAsk(ask, offer)}
        >
          {askWords[ask]}
        </Cell>
      ))}
    </span>
  );
}

const sizeOf = (value: object): string =>
  Array.isArray(value)
    ? `[ ${formatCount(value.length, "item")} ]`
    : `{ ${formatCount(Object.keys(value).length, "key")} }`;

type CellProps = {
  label: string;
  expanded?: boolean;
  pressed?: boolean;
  isExcluding?: boolean;
  /** Where the tabulator comes in; the arrows go on from there. */
  isEntry?: boolean;
  onPress: () => void;
  children: ReactNode;
};

function Cell({ label, expanded, pressed, isExcluding, isEntry = false, onPress, children }: CellProps) {
  return (
    <button
      type="button"
      data-cell
      aria-label={label}
      tabIndex={isEntry ? 0 : -1}
      {...(expanded === undefined ? {} : { "aria-expanded": expanded })}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      onClick={onPress}
      className={cn(
        "inline-flex min-h-6 shrink-0 items-center rounded-md",
        pressed === undefined
          ? "px-0.5 hover:bg-muted"
          : "border border-input/60 bg-card px-1.5 text-xs hover:border-input hover:bg-muted",
        pressed &&
          (isExcluding
            ? "border-destructive bg-destructive text-destructive-foreground"
            : "border-accent bg-accent-soft font-medium"),
      )}
    >
      {children}
    </button>
  );
}

/** The tabulator comes back to where it left. */
function stay({ currentTarget, target }: FocusEvent<HTMLElement>): void {
  for (const cell of currentTarget.querySelectorAll<HTMLElement>("[data-cell][tabindex='0']"))
    cell.tabIndex = -1;
  if (target instanceof HTMLElement) target.tabIndex = 0;
}

/** Up and down to the same place of the next row that has it, left and right within a row. */
function move(event: KeyboardEvent<HTMLElement>): void {
  const steps: Record<string, [rows: number, cells: number]> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  const step = steps[event.key];
  const row = (event.target as HTMLElement).closest<HTMLElement>("[data-row]");
  if (!step || !row) return;
  event.preventDefault();
  const cellsOf = (one: Element) => [...one.querySelectorAll<HTMLElement>("[data-cell]")];
  const here = cellsOf(row).indexOf(event.target as HTMLElement);
  if (step[1] !== 0) {
    cellsOf(row)[here + step[1]]?.focus();
    return;
  }
  const rows = [...event.currentTarget.querySelectorAll("[data-row]")].filter(
    (one) => cellsOf(one).length > 0,
  );
  const next = rows[rows.indexOf(row) + step[0]];
  if (!next) return;
  const cells = cellsOf(next);
  const fromEnd = cellsOf(row).length - here;
  cells[Math.max(0, cells.length - fromEnd)]?.focus();
}
