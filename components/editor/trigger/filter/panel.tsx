"use client";
import Link from "next/link";
import { useFieldProblem } from "@/components/editor/editor-field";
import { useEditorPlace, useEditorStore } from "@/components/editor/store";
import { CopyButton } from "@/components/ui/copy-button";
import { toast } from "@/components/ui/toast";
import { setTrigger } from "@/lib/editor/edits";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftTrigger } from "@/lib/editor/graph";
import type { ExactJson } from "@/lib/exact-json";
import { type Condition, conditionsOf, contradicted, filterOf } from "@/lib/workflow/filter/conditions";
import { ConditionList } from "./conditions";
import { FilterCount } from "./count";
import { FilterJson } from "./json";
import { type Ask, afterClick, isAsked, type Offer } from "./model";
import { SampleChooser } from "./sample-chooser";
import { SampleTree } from "./tree";
import { usePreview } from "./use-preview";
import { useSample } from "./use-sample";
import { conditionText } from "./words";

type Side = "inclusion" | "exclusion";

/** Which messages start the workflow: built from a real one, as sentences and as JSON. */
export function FilterPanel({ trigger }: { trigger: DraftTrigger }) {
  const { id } = trigger;
  const store = useEditorStore();
  const { inboxUrl } = useEditorPlace();
  const inclusion = conditionsOf(trigger.inclusion);
  const exclusion = conditionsOf(trigger.exclusion);
  const preview = usePreview(trigger.inclusion, trigger.exclusion);
  const sample = useSample();
  const set = (side: Side, filter: ExactJson | null, key?: string) =>
    store.edit(setTrigger(id, { [side]: filter }), key);
  const ask = (kind: Ask, offer: Offer) => {
    const side = kind === "not" ? "exclusion" : "inclusion";
    const before = side === "inclusion" ? inclusion : exclusion;
    tellReplaced(before, offer);
    set(side, filterOf(afterClick(before, offer)));
  };
  return (
    <div className="grid grid-cols-1 gap-5">
      <Address url={inboxUrl} />
      <FilterCount preview={preview} inclusion={inclusion} />
      <ConditionList
        id={fieldId(id, "inclusion")}
        label="A message starts the workflow when"
        none="it comes to the inbox URL, whatever it holds. Ask for something in a message below."
        problem={useFieldProblem(id, "inclusion")}
        conditions={inclusion}
        onChange={(conditions) => set("inclusion", filterOf(conditions))}
      />
      <ConditionList
        id={fieldId(id, "exclusion")}
        label="and is left out when"
        none="nothing is left out."
        hint={
          exclusion.length > 1
            ? "It is left out only when all of these are so at once. A filter cannot leave out one or the other: decide that with a condition on an edge."
            : undefined
        }
        problem={useFieldProblem(id, "exclusion")}
        conditions={exclusion}
        onChange={(conditions) => set("exclusion", filterOf(conditions))}
      />
      <section aria-label="Build it from a message" className="grid grid-cols-1 gap-2">
        <h3 className="font-medium text-[13px]">Build it from a message</h3>
        <SampleChooser sample={sample} matching={preview.data?.samples ?? []} />
        {sample.data === undefined ? null : (
          <>
            <p className="text-muted-foreground text-xs">
              Press what a message must or must not have. Arrow keys move from value to value. A filter
              compares: of an object or a list it can ask that it is there, of a text, a number, yes or no
              only what it is.
            </p>
            <SampleTree value={sample.data} inclusion={inclusion} exclusion={exclusion} onAsk={ask} />
          </>
        )}
      </section>
      <details>
        <summary className="cursor-pointer font-medium text-[13px]">As JSON</summary>
        <div className="mt-2 grid gap-4">
          <FilterJson
            label="The message contains"
            hint="Empty: anything. Lists contain at least these items, in any order."
            value={trigger.inclusion}
            onChange={(filter) => set("inclusion", filter, `trigger:${id}:inclusion`)}
          />
          <FilterJson
            label="and does not contain"
            hint="Empty: nothing is left out. Whatever contains all of it is left out."
            value={trigger.exclusion}
            onChange={(filter) => set("exclusion", filter, `trigger:${id}:exclusion`)}
          />
        </div>
      </details>
    </div>
  );
}

/** Of one key there is one value: what gives way to another one is said. */
function tellReplaced(before: Condition[], offer: Offer): void {
  if (!("conditions" in offer) || isAsked(before, offer)) return;
  const gone = offer.conditions.flatMap((one) => contradicted(before, one)).map(conditionText);
  if (gone.length > 0) toast.info(`Instead of: ${[...new Set(gone)].join("; ")}.`);
}

function Address({ url }: { url: string }) {
  const { projectId } = useEditorPlace();
  return (
    <div className="grid gap-1">
      <h3 className="font-medium text-[13px]">Messages come to the project's inbox URL</h3>
      <div className="flex items-center gap-2 rounded-md border bg-card py-1 pr-1 pl-3">
        <code className="min-w-0 flex-1 font-mono text-[12.5px] [overflow-wrap:anywhere]">{url}</code>
        <CopyButton text={url} label="Copy inbox URL" size="icon-sm" variant="ghost" />
      </div>
      <p className="text-muted-foreground text-xs">
        What has come is in the{" "}
        <Link href={`/p/${projectId}/inbox`} className="underline underline-offset-3">
          inbox
        </Link>
        , from where a sample can be sent, too.
      </p>
    </div>
  );
}
