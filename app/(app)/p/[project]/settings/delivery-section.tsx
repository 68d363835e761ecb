"use client";
import { useState } from "react";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useApi } from "@/components/use-api";
import type { ProjectSettings } from "@/lib/domain/project/get";
import { SettingForm } from "./setting-form";

type Props = { project: ProjectSettings; canUpdate: boolean };

/** Where senders to the inbox URL name a delivery, so that a repeat is run once. */
export function DeliverySection({ project, canUpdate }: Props) {
  const rule = project.deliveryId;
  const [header, setHeader] = useState(rule?.header ?? "");
  const [path, setPath] = useState(rule?.path ?? "");
  const [hours, setHours] = useState(String(rule?.hours ?? ""));
  const save = useApi({
    send: () =>
      api("PATCH /api/projects/[project]", {
        params: { project: project.id },
        body: { deliveryId: ruleOf({ header, path, hours }), basedOn: project.updatedAt },
      }),
    message: "Saved.",
    hasForm: true,
  });
  const problem = (field: string) => save.problems[`deliveryId.${field}`];
  const isShownAbove = ["header", "path", "hours"].some((field) => problem(field));
  return (
    <Section
      id="repeated"
      title="Repeated messages"
      description="What comes to the inbox URL again under the same id gets the first answer and is run once. The id is in Idempotency-Key, webhook-id or X-GitHub-Delivery, unless you say where it is."
    >
      <SettingForm
        legend="Where senders name a delivery"
        canUpdate={canUpdate}
        save={save}
        error={isShownAbove ? null : save.error?.message}
      >
        <div className="grid items-start gap-4 sm:grid-cols-3">
          <Field
            label="Header with the id"
            hint="Instead of those, such as X-Event-Id."
            error={problem("header")}
          >
            <Input
              value={header}
              onChange={(event) => setHeader(event.target.value)}
              spellCheck={false}
              autoComplete="off"
              maxLength={100}
            />
          </Field>
          <Field
            label="Path of the body"
            hint="Such as data.event.id. With a header, for requests without it."
            error={problem("path")}
          >
            <Input
              value={path}
              onChange={(event) => setPath(event.target.value)}
              spellCheck={false}
              autoComplete="off"
              maxLength={200}
            />
          </Field>
          <Field label="Hours that an id counts" hint="Empty: 24. At most 720." error={problem("hours")}>
            <Input
              type="number"
              min={1}
              max={720}
              inputMode="numeric"
              value={hours}
              onChange={(event) => setHours(event.target.value)}
            />
          </Field>
        </div>
      </SettingForm>
    </Section>
  );
}

/** Null where nothing is said: the usual headers, for a day. */
function ruleOf({ header, path, hours }: { header: string; path: string; hours: string }) {
  const rule = {
    ...(header.trim() ? { header: header.trim() } : {}),
    ...(path.trim() ? { path: path.trim() } : {}),
    ...(hours.trim() ? { hours: Number(hours) } : {}),
  };
  return Object.keys(rule).length > 0 ? rule : null;
}
