"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Button } from "@/components/ui/button";
import { Choice } from "@/components/ui/choice";
import { Field } from "@/components/ui/field";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { NoticeRule, RuleChange } from "@/lib/domain/notice/rules/types";
import { digestWords, toldStatuses } from "@/lib/words";
import { TimeZoneField } from "./time-zone-field";
import { digestLabels, digestState, statusLabels, type WorkflowNames } from "./words";

type Props = {
  rule: NoticeRule;
  workflows: WorkflowNames;
  /** A channel's rule has a zone of its own. */
  hasZone: boolean;
  canChange: boolean;
  /** Calls the API. */
  send: (change: RuleChange) => Promise<NoticeRule>;
  done?: () => void;
  /** Beside the button. */
  cancel?: ReactNode;
};

/** What somebody hears: at once, of which ends and workflows, and how often in a digest. */
export function RuleForm({ rule, workflows, hasZone, canChange, send, done, cancel }: Props) {
  const [atOnce, setAtOnce] = useState(rule.atOnce);
  const [statuses, setStatuses] = useState(rule.statuses ?? [...toldStatuses]);
  const [chosen, setChosen] = useState(rule.workflowIds && there(rule.workflowIds, workflows));
  const [digest, setDigest] = useState(rule.digest);
  const [zone, setZone] = useState(rule.timeZone);
  const save = useApi({
    send: () =>
      send({
        atOnce,
        digest,
        statuses: statuses.length === toldStatuses.length ? null : statuses,
        workflowIds: chosen,
        ...(hasZone ? { timeZone: zone } : {}),
      }),
    message: "Saved.",
    hasForm: true,
    ...(done ? { done } : {}),
  });
  const isEmpty = statuses.length === 0 || chosen?.length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Form onSubmit={submit} saved={save.isSuccess}>
      <fieldset disabled={!canChange} className="grid gap-4">
        <legend className="sr-only">What is told</legend>
        <Choice
          label="At once: when failures of one cause begin, have grown tenfold, or return after they were resolved"
          isChecked={atOnce}
          onChange={setAtOnce}
        />
        <fieldset className="grid gap-2">
          <legend className="mb-1.5 font-medium text-[13px]">When a run has ended as</legend>
          <div className="flex flex-wrap gap-x-5 gap-y-2">
            {toldStatuses.map((status) => (
              <Choice
                key={status}
                label={statusLabels[status]}
                isChecked={statuses.includes(status)}
                onChange={(on) =>
                  setStatuses(toldStatuses.filter((one) => (one === status ? on : statuses.includes(one))))
                }
              />
            ))}
          </div>
        </fieldset>
        <Workflows workflows={workflows} chosen={chosen} setChosen={setChosen} />
        <Field
          label="A summary in numbers"
          hint={digestState(rule) ?? "At 08:00, with the difference to the time before."}
        >
          <Select
            value={digest}
            onValueChange={(word) => setDigest(digestWords.find((one) => one === word) ?? digest)}
          >
            <SelectTrigger disabled={!canChange} className="w-full sm:w-64">
              <SelectValue />
            </SelectTrigger>
            <SelectContent>
              {digestWords.map((word) => (
                <SelectItem key={word} value={word}>
                  {digestLabels[word]}
                </SelectItem>
              ))}
            </SelectContent>
          </Select>
        </Field>
        {hasZone ? (
          <TimeZoneField
            hint="By whose clock summaries come."
            value={zone}
            onChange={setZone}
            error={save.problems.timeZone}
          />
        ) : null}
        <FormError>
          {isEmpty
            ? "Choose at least one end and one workflow, or turn both kinds off."
            : save.problems.timeZone
              ? null
              : save.error?.message}
        </FormError>
        {canChange ? (
          <div className="flex flex-wrap gap-2">
            <Button type="submit" disabled={save.isPending || isEmpty}>
              Save
            </Button>
            {cancel}
          </div>
        ) : null}
      </fieldset>
    </Form>
  );
}

const there = (ids: string[], workflows: WorkflowNames): string[] =>
  workflows.filter(({ id }) => ids.includes(id)).map(({ id }) => id);

type WorkflowsProps = {
  workflows: WorkflowNames;
  /** Null: all, also those to come. */
  chosen: string[] | null;
  setChosen: (ids: string[] | null) => void;
};

function Workflows({ workflows, chosen, setChosen }: WorkflowsProps) {
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 font-medium text-[13px]">Of workflows</legend>
      <Choice
        label="All, also those to come"
        isChecked={chosen === null}
        onChange={(on) => setChosen(on ? null : workflows.map(({ id }) => id))}
      />
      {chosen ? (
        <div className="grid max-h-56 gap-2 overflow-y-auto pl-6.5">
          {workflows.map(({ id, name }) => (
            <Choice
              key={id}
              label={name}
              isChecked={chosen.includes(id)}
              onChange={(on) => setChosen(on ? [...chosen, id] : chosen.filter((one) => one !== id))}
            />
          ))}
        </div>
      ) : null}
    </fieldset>
  );
}
