"use client";
import cronstrue from "cronstrue";
import { useState } from "react";
import { EditorField } from "@/components/editor/editor-field";
import { Choice } from "@/components/ui/choice";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import {
  type CronKind,
  type CronPlan,
  cronKinds,
  expressionOf,
  minutesOf,
  planOf,
  planOfKind,
  weekDays,
} from "@/lib/editor/cron-plan";
import { cronProblem } from "@/lib/workflow/cron";

const kindNames: Record<CronKind, string> = {
  minutes: "Every few minutes",
  hourly: "Every hour",
  daily: "Every day",
  weekly: "On days of the week",
  monthly: "Every month",
  own: "By an expression of my own",
};

type Props = { triggerId: string; expression: string; onChange: (expression: string) => void };

/** A schedule in words and as an expression, each of which changes the other. */
export function CronBuilder({ triggerId, expression, onChange }: Props) {
  const plan = planOf(expression);
  const [isOwn, setOwn] = useState(plan.kind === "own");
  const kind = isOwn ? "own" : plan.kind;
  const change = (next: CronPlan) => onChange(expressionOf(next));
  const choose = (chosen: string) => {
    const next = cronKinds.find((one) => one === chosen) ?? "own";
    setOwn(next === "own");
    if (next !== "own" && next !== plan.kind) change(planOfKind(next, plan));
  };
  const problem = cronProblem(expression);
  return (
    <div className="grid gap-4">
      <Field label="Repeats">
        <Select value={kind} onValueChange={choose}>
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {cronKinds.map((one) => (
              <SelectItem key={one} value={one}>
                {kindNames[one]}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      </Field>
      {isOwn ? null : <PlanFields plan={plan} onChange={change} />}
      <EditorField
        itemId={triggerId}
        field="cronExpression"
        label="Cron expression"
        hint={problem ? "Minute, hour, day of the month, month, day of the week." : wordsOf(expression)}
        error={problem}
      >
        <Input
          value={expression}
          onChange={(event) => {
            setOwn(isOwn || planOf(event.target.value).kind === "own");
            onChange(event.target.value);
          }}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
        />
      </EditorField>
    </div>
  );
}

const wordsOf = (expression: string): string =>
  `${cronstrue.toString(expression, { throwExceptionOnParseError: false })}.`;

type FieldsProps = { plan: CronPlan; onChange: (plan: CronPlan) => void };

function PlanFields({ plan, onChange }: FieldsProps) {
  switch (plan.kind) {
    case "minutes":
      return (
        <NumberField
          label="Minutes between two times"
          hint={everyHint(plan.every)}
          value={plan.every}
          least={1}
          most={59}
          onChange={(every) => onChange({ ...plan, every })}
        />
      );
    case "hourly":
      return (
        <NumberField
          label="Minutes after the hour"
          value={plan.minute}
          least={0}
          most={59}
          onChange={(minute) => onChange({ ...plan, minute })}
        />
      );
    case "daily":
      return <TimeField plan={plan} onChange={onChange} />;
    case "weekly":
      return (
        <>
          <DaysField days={plan.days} onChange={(days) => onChange({ ...plan, days })} />
          <TimeField plan={plan} onChange={onChange} />
        </>
      );
    case "monthly":
      return (
        <>
          <DayField day={plan.day} onChange={(day) => onChange({ ...plan, day })} />
          <TimeField plan={plan} onChange={onChange} />
        </>
      );
    case "own":
      return null;
    default:
      return plan satisfies never;
  }
}

function everyHint(every: number): string | undefined {
  if (60 % every === 0) return undefined;
  return `Each hour begins anew: at minutes ${minutesOf(every).join(", ")}.`;
}

type NumberProps = {
  label: string;
  hint?: string | undefined;
  value: number;
  least: number;
  most: number;
  onChange: (value: number) => void;
};

function NumberField({ label, hint, value, least, most, onChange }: NumberProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const isRight = (text: string) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
  return (
    <Field
      label={label}
      hint={hint}
      error={typed === null || isRight(typed) ? null : `Type a number from ${least} to ${most}.`}
    >
      <Input
        value={typed ?? String(value)}
        inputMode="numeric"
        autoComplete="off"
        onChange={({ target }) => {
          setTyped(target.value);
          if (isRight(target.value)) onChange(Number(target.value));
        }}
        onBlur={() => setTyped(null)}
      />
    </Field>
  );
}

type Timed = Extract<CronPlan, { hour: number }>;

function TimeField({ plan, onChange }: { plan: Timed; onChange: (plan: CronPlan) => void }) {
  const two = (value: number) => String(value).padStart(2, "0");
  return (
    <Field label="At" hint="By the clock of the time zone below.">
      <Input
        type="time"
        required
        value={`${two(plan.hour)}:${two(plan.minute)}`}
        onChange={({ target }) => {
          const [, hour, minute] = /^(\d{2}):(\d{2})/.exec(target.value) ?? [];
          if (hour && minute) onChange({ ...plan, hour: Number(hour), minute: Number(minute) });
        }}
      />
    </Field>
  );
}

const dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

function DaysField({ days, onChange }: { days: readonly number[]; onChange: (days: number[]) => void }) {
  const isLast = (day: number) => days.length === 1 && days[0] === day;
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 font-medium text-[13px]">On</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-2 sm:grid-cols-3">
        {weekDays.map((day) => (
          <Choice
            key={day}
            label={dayNames[day] ?? ""}
            isChecked={days.includes(day)}
            // One day at least: no expression is on none.
            onChange={(on) =>
              !isLast(day) && onChange(on ? [...days, day] : days.filter((one) => one !== day))
            }
          />
        ))}
      </div>
    </fieldset>
  );
}

const last = "last";

function DayField({ day, onChange }: { day: number | "last"; onChange: (day: number | "last") => void }) {
  return (
    <Field
      label="On day"
      hint={
        typeof day === "number" && day > 28 ? "Months that do not have this day are left out." : undefined
      }
    >
      <Select value={String(day)} onValueChange={(value) => onChange(value === last ? last : Number(value))}>
        <SelectTrigger>
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {Array.from({ length: 31 }, (_, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the days of a month
            <SelectItem key={n} value={String(n + 1)}>
              {n + 1}
            </SelectItem>
          ))}
          <SelectItem value={last}>the last day of the month</SelectItem>
        </SelectContent>
      </Select>
    </Field>
  );
}
