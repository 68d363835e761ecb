"use client";
import { CornerDownRight, Trash2 } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { Textarea } from "@/components/ui/textarea";
import { setCondition, setEdge } from "@/lib/editor/edits";
import { fieldId } from "@/lib/editor/field-id";
import { type DraftEdge, itemOf } from "@/lib/editor/graph";
import { typed } from "@/lib/limits/typed.mjs";
import type { EdgeCondition } from "@/lib/words";
import { actInsertJob, actRemove } from "./acts";
import { conditionsAfter } from "./choices";
import { EditorField, useFieldProblem } from "./editor-field";
import { itemName } from "./item-name";
import { useDraft, useEditorStore } from "./store";
import { SwitchField } from "./switch-field";
import { panelHeadingId } from "./target-focus";

/** Everything about one edge of the draft: between which nodes, and when it is followed. */
export function EdgePanel({ edge }: { edge: DraftEdge }) {
  const store = useEditorStore();
  const draft = useDraft();
  const from = edge.sourceJobId ?? edge.sourceTriggerId;
  const set = (fields: Partial<DraftEdge>, field: string) =>
    store.edit(setEdge(edge.id, fields), `edge:${edge.id}:${field}`);
  return (
    <div className="grid grid-cols-1 gap-5 rounded-lg border bg-card p-4 sm:p-5">
      <h2 id={panelHeadingId} tabIndex={-1} className="font-semibold text-[15px] [overflow-wrap:anywhere]">
        {itemName(draft, edge.id)}
      </h2>
      <div className="flex flex-wrap gap-2">
        {[from, edge.targetJobId].map((id) =>
          id === null ? null : (
            <Button key={id} variant="outline" size="sm" onClick={() => store.select(itemOf(draft, id))}>
              Show {itemName(draft, id)}
            </Button>
          ),
        )}
      </div>
      <WayProblem edge={edge} />
      <Condition edge={edge} />
      {edge.conditionType === "js_expression" ? (
        <EditorField
          itemId={edge.id}
          field="conditionExpression"
          label="Expression"
          hint="JavaScript over the state that the node before hands on, such as state.data.amount > 1000."
        >
          <Textarea
            value={edge.conditionExpression ?? ""}
            onChange={(event) => set({ conditionExpression: event.target.value }, "conditionExpression")}
            maxLength={typed.condition}
            rows={3}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            className="font-mono text-[13px]"
          />
        </EditorField>
      ) : null}
      <EditorField
        itemId={edge.id}
        field="conditionLabel"
        label="Label"
        hint="What is said of it in the picture and the outline instead of the expression. May be empty."
      >
        <Input
          value={edge.conditionLabel ?? ""}
          onChange={(event) => set({ conditionLabel: event.target.value || null }, "conditionLabel")}
          maxLength={255}
          autoComplete="off"
        />
      </EditorField>
      <SwitchField
        id={fieldId(edge.id, "enabled")}
        label="Followed at all"
        says="Switched off, nothing goes this way, as if it were not there."
        isOn={edge.enabled}
        onChange={(enabled) => store.edit(setEdge(edge.id, { enabled }))}
      />
      <div className="flex flex-wrap gap-2 border-t pt-4">
        <Button variant="outline" size="sm" onClick={() => actInsertJob(store, edge.id)}>
          <CornerDownRight aria-hidden /> Put a job here
        </Button>
        <Button variant="outline" size="sm" onClick={() => actRemove(store, { kind: "edge", id: edge.id })}>
          <Trash2 aria-hidden /> Delete this edge
        </Button>
      </div>
    </div>
  );
}

function Condition({ edge }: { edge: DraftEdge }) {
  const store = useEditorStore();
  const problem = useFieldProblem(edge.id, "conditionType");
  const labelId = `${fieldId(edge.id, "conditionType")}-label`;
  const choose = (value: string) => {
    store.edit(setCondition(edge.id, value as EdgeCondition));
    if (value === "js_expression") store.goTo({ itemId: edge.id, field: "conditionExpression" });
  };
  return (
    <div className="grid gap-2">
      <p id={labelId} className="font-medium text-[13px]">
        Followed
      </p>
      <RadioGroup
        id={fieldId(edge.id, "conditionType")}
        aria-labelledby={labelId}
        value={edge.conditionType}
        onValueChange={choose}
      >
        {conditionsOf(edge).map(({ condition, label, says }) => (
          <RadioItem key={condition} value={condition}>
            {label}
            <span className="block text-muted-foreground text-xs">{says}</span>
          </RadioItem>
        ))}
      </RadioGroup>
      {problem ? (
        <p role="alert" data-status="failed" className="text-(--status) text-xs">
          {problem}
        </p>
      ) : null}
    </div>
  );
}

/** Those that make sense, and the one that it has, which an import may have brought. */
const conditionsOf = ({ sourceJobId, conditionType }: DraftEdge) => {
  const after = conditionsAfter(sourceJobId === null ? "trigger" : "job");
  return after.some(({ condition }) => condition === conditionType) ? after : conditionsAfter("job");
};

/** What is wrong with where it leads. */
function WayProblem({ edge }: { edge: DraftEdge }) {
  const [circle, source] = [useFieldProblem(edge.id, "targetJobId"), useFieldProblem(edge.id, "source")];
  const problem = circle ?? source;
  if (!problem) return null;
  return (
    <p
      id={fieldId(edge.id, circle ? "targetJobId" : "source")}
      tabIndex={-1}
      data-status="failed"
      className="rounded-md border border-(--status-line) bg-(--status-soft) px-3 py-2 text-(--status) text-sm"
    >
      {problem} {circle ? "Delete this edge, or one of the others on the way." : null}
    </p>
  );
}
