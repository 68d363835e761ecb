"use client";
import { useMemo, useState } from "react";
import { actConnect } from "@/components/editor/acts";
import { conditionsAfter } from "@/components/editor/choices";
import { itemNames } from "@/components/editor/item-name";
import { useDraft, useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import type { Source } from "@/lib/editor/graph";
import { jobsInOrder } from "@/lib/editor/outline";
import type { EdgeCondition } from "@/lib/words";

/** Draws an edge from a node to a job that is chosen by its name. */
export function ConnectDialog({ from }: { from: Source }) {
  const store = useEditorStore();
  const draft = useDraft();
  const [target, setTarget] = useState("");
  const conditions = conditionsAfter(from.kind);
  const [condition, setCondition] = useState<EdgeCondition>(
    from.kind === "job" ? "on_job_success" : "always",
  );
  const nameOf = useMemo(() => itemNames(draft), [draft]);
  const targets = jobsInOrder(draft, draft.jobs).filter(({ id }) => id !== from.id);
  const close = () => store.set({ asks: null });
  return (
    <Dialog open onOpenChange={(isOpen) => (isOpen ? undefined : close())}>
      <DialogContent
        title={`Connect ${nameOf(from.id)} to a job`}
        description="That job runs after it, with what it returned."
      >
        {targets.length === 0 ? (
          <p className="text-muted-foreground">There is no other job. Add one first.</p>
        ) : (
          <div className="grid gap-4">
            <Field label="Job">
              <Select value={target} onValueChange={setTarget}>
                <SelectTrigger>
                  <SelectValue placeholder="Choose a job" />
                </SelectTrigger>
                <SelectContent>
                  {targets.map(({ id }) => (
                    <SelectItem key={id} value={id}>
                      {nameOf(id)}
                    </SelectItem>
                  ))}
                </SelectContent>
              </Select>
            </Field>
            <Field label="Followed" hint={conditions.find((one) => one.condition === condition)?.says}>
              <Select value={condition} onValueChange={(value) => setCondition(value as EdgeCondition)}>
                <SelectTrigger>
                  <SelectValue />
                </SelectTrigger>
                <SelectContent>
                  {conditions.map((one) => (
                    <SelectItem key={one.condition} value={one.condition}>
                      {one.label}
                    </SelectItem>
                  ))}
                </SelectContent>
              </Select>
            </Field>
          </div>
        )}
        <DialogFooter>
          <DialogClose asChild>
            <Button variant="outline">Cancel</Button>
          </DialogClose>
          <Button
            disabled={target === ""}
            onClick={() => {
              close();
              actConnect(store, from, target, condition);
            }}
          >
            Connect
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
