"use client";
import { useId } from "react";
import { TextDifferenceView } from "@/components/code/text-difference";
import { itemName } from "@/components/editor/item-name";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { fieldWords } from "@/components/workflows/field-words";
import { differenceOfTexts } from "@/lib/difference/lines";
import type { Choice, Collision } from "@/lib/editor/collision";
import type { DraftGraph } from "@/lib/editor/graph";
import { stringifyExact } from "@/lib/exact-json";

type Props = {
  collision: Collision;
  savedBy: string;
  mine: DraftGraph;
  theirs: DraftGraph;
  onChoose: (choice: Choice) => void;
};

/** One thing that both changed: whose is taken. */
export function CollisionChoice({ collision, savedBy, mine, theirs, onChoose }: Props) {
  const id = useId();
  const { itemId, field, choice } = collision;
  const isThere = (graph: DraftGraph) =>
    [...graph.triggers, ...graph.jobs, ...graph.edges].some((one) => one.id === itemId);
  const name = itemName(isThere(mine) ? mine : theirs, itemId);
  const code = field === "body" ? codeDifference(collision) : null;
  return (
    <div className="grid min-w-0 gap-2 rounded-md border p-3">
      <h4 id={id} className="font-medium [overflow-wrap:anywhere]">
        {name}
        {field === null ? "" : `: ${fieldWords(field)}`}
      </h4>
      {code ? (
        <>
          <p className="text-muted-foreground text-xs">
            From yours to theirs. Lines that only one of you changed come together whichever you take.
          </p>
          <TextDifferenceView difference={code} label={`Code of ${name}, from yours to theirs`} />
        </>
      ) : null}
      <RadioGroup
        aria-labelledby={id}
        value={choice ?? ""}
        onValueChange={(value) => onChoose(value === "theirs" ? "theirs" : "mine")}
      >
        <RadioItem value="mine">
          Mine{code ? "" : ": "}
          {code ? null : <Value collision={collision} side="mine" />}
        </RadioItem>
        <RadioItem value="theirs">
          What {savedBy} saved{code ? "" : ": "}
          {code ? null : <Value collision={collision} side="theirs" />}
        </RadioItem>
      </RadioGroup>
    </div>
  );
}

const codeDifference = ({ mine, theirs }: Collision) =>
  typeof mine === "string" && typeof theirs === "string" ? differenceOfTexts(mine, theirs) : null;

function Value({ collision, side }: { collision: Collision; side: Choice }) {
  const value = collision[side];
  if (collision.field === null)
    return <span>{value === undefined ? "it is removed" : "it stays, with what leads to it and away"}</span>;
  if (value === null || value === undefined) return <span className="text-muted-foreground">not set</span>;
  const text = textOf(value);
  return (
    <code className="whitespace-pre-wrap text-[12.5px]">
      {text.length > longest ? `${text.slice(0, longest)}…` : text}
    </code>
  );
}

const longest = 2_000;

/** Values of fields that mean something together are told by their names. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return stringifyExact(value);
  return Object.entries(value)
    .filter(([, one]) => one !== null && one !== undefined)
    .map(([field, one]) => `${fieldWords(field)}: ${typeof one === "string" ? one : stringifyExact(one)}`)
    .join(", ");
}
