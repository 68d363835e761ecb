"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { Form } from "@/components/unsaved/form";

export type Ignoring = { ignoredUntil?: string; ignoredFor?: number };
type Until = "day" | "count" | "ever";

type Props = { isBusy: boolean; onClose: () => void; onIgnore: (ignoring: Ignoring) => void };

const dayMs = 86_400_000;
const usualDays = 7;
const usualCount = 100;

const dayAfter = (days: number): string => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);

/** Asks until when an issue is to be ignored. */
export function IgnoreDialog({ isBusy, onClose, onIgnore }: Props) {
  const [until, setUntil] = useState<Until>("day");
  const submit = (form: FormData) => {
    if (until === "ever") onIgnore({});
    else if (until === "count") onIgnore({ ignoredFor: Number(form.get("count")) });
    else onIgnore({ ignoredUntil: new Date(`${String(form.get("day"))}T00:00:00`).toISOString() });
  };
  return (
    <Dialog open onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      <DialogContent title="Ignore this issue" className="w-[min(94vw,28rem)]">
        <Form
          saved={isBusy}
          onSubmit={(event) => {
            event.preventDefault();
            submit(new FormData(event.currentTarget));
          }}
          className="grid gap-4"
        >
          <p className="text-muted-foreground">
            Nobody is told of it, whatever fails. Failures are counted all the same.
          </p>
          <RadioGroup
            aria-label="Until when"
            value={until}
            onValueChange={(next) => setUntil(next === "count" || next === "ever" ? next : "day")}
          >
            <RadioItem value="day">Until a day</RadioItem>
            <RadioItem value="count">Until it has failed so many more times</RadioItem>
            <RadioItem value="ever">For ever</RadioItem>
          </RadioGroup>
          {until === "day" ? (
            <Field label="Day" hint="It is open again when this day begins.">
              <Input
                name="day"
                type="date"
                required
                min={dayAfter(1)}
                max={dayAfter(365)}
                defaultValue={dayAfter(usualDays)}
              />
            </Field>
          ) : null}
          {until === "count" ? (
            <Field label="Failures">
              <Input
                name="count"
                type="number"
                inputMode="numeric"
                required
                min={1}
                max={1_000_000}
                defaultValue={usualCount}
              />
            </Field>
          ) : null}
          <DialogFooter>
            <DialogClose asChild>
              <Button variant="outline">Leave it open</Button>
            </DialogClose>
            <Button type="submit" disabled={isBusy}>
              Ignore
            </Button>
          </DialogFooter>
        </Form>
      </DialogContent>
    </Dialog>
  );
}
