import { TextDifferenceView } from "@/components/code/text-difference";
import { Badge } from "@/components/ui/badge";
import { triggerTypes } from "@/lib/words";
import {
  type FieldChange,
  type GraphDifference,
  type ItemDifference,
  isNoDifference,
} from "@/lib/workflow/difference";
import { triggerName } from "./edge-words";
import { fieldWords } from "./field-words";

/** What is different between two versions of a workflow: its settings, then triggers, jobs with their code, and edges. */
export function DifferenceView({ difference }: { difference: GraphDifference }) {
  if (isNoDifference(difference))
    return (
      <p className="text-muted-foreground">
        Both versions do the same: at most the places in the picture are different.
      </p>
    );
  const { workflow, triggers, jobs, edges, isShortened } = difference;
  return (
    <div className="grid gap-4">
      {workflow.length > 0 ? (
        <div className="grid gap-1.5">
          <h4 className="font-medium">The workflow itself</h4>
          <Fields fields={workflow} />
        </div>
      ) : null}
      <Items thing="Job" items={jobs} />
      <Items thing="Trigger" items={triggers} />
      <Items thing="Edge" items={edges} />
      {isShortened ? (
        <p className="text-muted-foreground text-xs">
          There is more than is shown here, or than can be compared line by line.
        </p>
      ) : null}
    </div>
  );
}

function Items({ thing, items }: { thing: string; items: ItemDifference[] }) {
  return items.map((item) => (
    <div key={item.id} className="grid min-w-0 gap-1.5">
      <h4 className="flex flex-wrap items-center gap-2 font-medium">
        <span className="[overflow-wrap:anywhere]">
          {thing} {plainName(item.name)}
        </span>
        <Badge>{item.change}</Badge>
      </h4>
      {item.change === "changed" ? <Fields fields={item.fields} /> : null}
      {item.code ? <TextDifferenceView difference={item.code} label={`Code of ${item.name}`} /> : null}
    </div>
  ));
}

/** An item is named by what it is to a file: a trigger by its type, an edge by both of its ends. */
function plainName(name: string): string {
  const [first = "", ...more] = name.split("->");
  const type = triggerTypes.find((one) => one === first);
  return [type ? triggerName(type) : first, ...more].join(" to ");
}

function Fields({ fields }: { fields: FieldChange[] }) {
  if (fields.length === 0) return null;
  return (
    <dl className="grid gap-1">
      {fields.map(({ field, before, after }) => (
        <div key={field} className="grid gap-x-3 sm:grid-cols-[9rem_minmax(0,1fr)]">
          <dt className="text-muted-foreground">{fieldWords(field)}</dt>
          <dd className="min-w-0 font-mono text-[12.5px] [overflow-wrap:anywhere]">
            <Value of={before} /> <span className="font-sans text-muted-foreground">is now</span>{" "}
            <Value of={after} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const Value = ({ of: value }: { of: string | null }) =>
  value === null ? <span className="font-sans text-muted-foreground">not set</span> : value;
