"use client";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Row, Section } from "@/components/account/section";
import { api } from "@/components/api";
import { TimeZoneField } from "@/components/notices/time-zone-field";
import { ruleSummary } from "@/components/notices/words";
import { Button } from "@/components/ui/button";
import { Choice } from "@/components/ui/choice";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { OwnRule } from "@/lib/domain/notice/rules/list";
import type { NoticeSettings } from "@/lib/domain/notice/rules/settings";

type Props = { settings: NoticeSettings; rules: OwnRule[] };

/** By which clock, when not, and what of each project. */
export function NoticesSection({ settings, rules }: Props) {
  return (
    <Section
      id="notices"
      title="Notices"
      description="By which clock you are told, when not, and what you hear of each project."
    >
      <ClockForm settings={settings} />
      {rules.length > 0 ? (
        <ul aria-label="What you hear of each project" className="-mx-4 mt-4 -mb-4 border-t">
          {rules.map(({ id, name, rule }) => (
            <Row
              key={id}
              actions={
                <Button asChild variant="outline" size="sm">
                  <Link href={`/p/${id}/settings#hear`} aria-label={`Change… what you hear of ${name}`}>
                    Change…
                  </Link>
                </Button>
              }
            >
              <span className="truncate font-medium">{name}</span>
              <span className="text-muted-foreground text-sm">
                {ruleSummary(rule).replace("Hears", "You hear")}
              </span>
            </Row>
          ))}
        </ul>
      ) : null}
    </Section>
  );
}

const night = { from: "22:00", to: "07:00" };

function ClockForm({ settings }: { settings: NoticeSettings }) {
  const [zone, setZone] = useState(settings.timeZone);
  const [quiet, setQuiet] = useState(settings.quietHours);
  const save = useApi({
    send: () => api("PATCH /api/account/notices", { body: { timeZone: zone, quietHours: quiet } }),
    message: "Saved.",
    hasForm: true,
  });
  const isSame = quiet !== null && quiet.from === quiet.to;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Form onSubmit={submit} saved={save.isSuccess} className="grid gap-4">
      <TimeZoneField
        hint="Summaries come at 08:00 of it."
        value={zone}
        onChange={setZone}
        error={save.problems.timeZone}
      />
      <Choice
        label="Quiet hours: what happens in them is told when they end, and several failures of a project in one mail"
        isChecked={quiet !== null}
        onChange={(on) => setQuiet(on ? (settings.quietHours ?? night) : null)}
      />
      {quiet ? (
        <div className="flex flex-wrap gap-3">
          <Field label="From">
            <Input
              type="time"
              required
              value={quiet.from}
              onChange={(event) => setQuiet({ ...quiet, from: event.target.value })}
            />
          </Field>
          <Field label="Until" error={isSame ? "They must end at another time than they begin." : undefined}>
            <Input
              type="time"
              required
              value={quiet.to}
              onChange={(event) => setQuiet({ ...quiet, to: event.target.value })}
            />
          </Field>
        </div>
      ) : null}
      <FormError>{save.problems.timeZone ? null : save.error?.message}</FormError>
      <Button type="submit" className="justify-self-start" disabled={save.isPending || isSame}>
        Save
      </Button>
    </Form>
  );
}
