"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { SecretOnce } from "@/components/account/secret-once";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogActions,
  DialogClose,
  DialogContent,
  DialogFooter,
  DialogTrigger,
} from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { ChannelSummary } from "@/lib/domain/notice/channel/types";
import { type ChannelType, channelTypes } from "@/lib/words";

const kinds: Record<ChannelType, { label: string; hint: string; address: string }> = {
  webhook: {
    label: "Webhook, signed (Standard Webhooks)",
    hint: "What notices are posted to. Nobody is shown it again.",
    address: "https://example.org/hooks/waybill",
  },
  slack: {
    label: "Slack, or what takes the same",
    hint: "Of an incoming webhook. It is the secret itself, and nobody is shown it again.",
    address: "https://hooks.slack.com/services/…",
  },
};

type Props = { projectId: string; channel?: ChannelSummary };

/** Adds a channel, or changes its name and address. A webhook's secret is shown this once. */
export function ChannelDialog({ projectId, channel }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [type, setType] = useState<ChannelType>(channel?.type ?? "webhook");
  const save = useApi({
    send: (form: FormData) => saved(projectId, form, type, channel),
    message: channel ? "Saved." : "The channel is added.",
    hasForm: true,
    done: ({ secret }) => secret === null && setOpen(false),
  });
  const change = (open: boolean) => {
    setOpen(open);
    if (!open) save.reset();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  const { problems } = save;
  const { hint, address } = kinds[type];
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogTrigger asChild>
        {channel ? (
          <Button variant="outline" size="sm" aria-label={`Change ${channel.name}`}>
            Change…
          </Button>
        ) : (
          <Button>
            <Plus aria-hidden /> New channel
          </Button>
        )}
      </DialogTrigger>
      {save.data?.secret ? (
        <DialogContent
          title="The signing secret"
          description="Notices are signed with it, as Standard Webhooks says. It is shown this once."
        >
          <SecretOnce label="Signing secret" value={save.data.secret} />
          <DialogFooter>
            <DialogClose asChild>
              <Button>Done</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      ) : (
        <DialogContent
          title={channel ? `Change ${channel.name}` : "New channel"}
          description={channel ? undefined : "It hears of every failure at once, until you choose otherwise."}
        >
          <Form onSubmit={submit} saved={save.isSuccess} className="grid gap-4">
            {channel ? null : (
              <Field label="Kind">
                <Select
                  value={type}
                  onValueChange={(kind) => setType(channelTypes.find((one) => one === kind) ?? type)}
                >
                  <SelectTrigger>
                    <SelectValue />
                  </SelectTrigger>
                  <SelectContent>
                    {channelTypes.map((kind) => (
                      <SelectItem key={kind} value={kind}>
                        {kinds[kind].label}
                      </SelectItem>
                    ))}
                  </SelectContent>
                </Select>
              </Field>
            )}
            <Field label="Name" hint="Who reads it, such as On-call." error={problems.name}>
              <Input name="name" required maxLength={100} autoComplete="off" defaultValue={channel?.name} />
            </Field>
            <Field
              label="Address"
              hint={channel ? `Empty: it stays the one at ${channel.host}.` : hint}
              error={problems.url}
            >
              <Input
                name="url"
                type="url"
                required={!channel}
                maxLength={2000}
                autoComplete="off"
                placeholder={address}
              />
            </Field>
            <FormError>{problems.name || problems.url ? null : save.error?.message}</FormError>
            <DialogActions submit={channel ? "Save" : "Add channel"} disabled={save.isPending} />
          </Form>
        </DialogContent>
      )}
    </Dialog>
  );
}

/** The secret of a new webhook; null where there is none to show. */
async function saved(
  projectId: string,
  form: FormData,
  type: ChannelType,
  channel?: ChannelSummary,
): Promise<{ secret: string | null }> {
  const name = String(form.get("name") ?? "");
  const url = String(form.get("url") ?? "");
  if (!channel) {
    const params = { project: projectId };
    return api("POST /api/projects/[project]/notice-channels", { params, body: { name, type, url } });
  }
  await api("PATCH /api/projects/[project]/notice-channels/[channel]", {
    params: { project: projectId, channel: channel.id },
    body: { name, ...(url && { url }) },
  });
  return { secret: null };
}
