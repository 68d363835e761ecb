"use client";
import { Choice } from "@/components/ui/choice";

/** A webhook trigger, by the name of its workflow. */
export type Webhook = { id: string; name: string };

type Props = {
  onInbox: boolean;
  setOnInbox: (on: boolean) => void;
  triggerIds: string[];
  setTriggerIds: (ids: string[]) => void;
  webhooks: Webhook[];
};

/** The URLs of the project, each with a box. */
export function ProtectFields({ onInbox, setOnInbox, triggerIds, setTriggerIds, webhooks }: Props) {
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 font-medium text-[13px]">URLs that ask for it</legend>
      <Choice label="The project's inbox URL" isChecked={onInbox} onChange={setOnInbox} />
      {webhooks.map(({ id, name }) => (
        <Choice
          key={id}
          label={`Webhook of ${name}`}
          isChecked={triggerIds.includes(id)}
          onChange={(on) =>
            setTriggerIds(on ? [...triggerIds, id] : triggerIds.filter((known) => known !== id))
          }
        />
      ))}
    </fieldset>
  );
}
