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
import {
  type AuthMethodType,
  authMethodTypes,
  type SignaturePreset,
  signatureAlgorithms,
  signatureEncodings,
} from "@/lib/words";
import { ProtectFields, type Webhook } from "./protect-fields";
import { isTimed, SignatureFields } from "./signature-fields";

const kinds: Record<AuthMethodType, string> = {
  api: "API key in a header",
  basic: "User name and password",
  hmac: "Signature, or a secret in a header",
};

type Props = {
  projectId: string;
  webhooks: Webhook[];
  /** The webhook that it is made for; else it is made for the inbox URL. */
  protects?: string;
  onDone?: () => void;
};

/** Adds a method; an API key is made by the server and shown afterwards. */
export function AuthMethodDialog({ projectId, webhooks, protects, onDone }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [type, setType] = useState<AuthMethodType>("api");
  const [preset, setPreset] = useState<SignaturePreset>("github");
  const [onInbox, setOnInbox] = useState(protects === undefined);
  const [triggerIds, setTriggerIds] = useState<string[]>(protects === undefined ? [] : [protects]);
  const create = useApi({
    send: (form: FormData) => add(projectId, form, { type, preset, onInbox, triggerIds }),
    message: "The method is added.",
    hasForm: true,
    done: ({ secret }) => {
      if (secret === null) setOpen(false);
      onDone?.();
    },
  });
  const change = (open: boolean) => {
    setOpen(open);
    if (!open) create.reset();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    create.mutate(new FormData(event.currentTarget));
  };
  const { problems } = create;
  const isShownAbove = [
    "name",
    "username",
    "password",
    "secret",
    "header",
    "prefix",
    "toleranceSeconds",
  ].some((field) => problems[field]);
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogTrigger asChild>
        <Button {...(protects ? { variant: "outline", size: "sm" } : {})}>
          <Plus aria-hidden /> New method
        </Button>
      </DialogTrigger>
      {create.data?.secret ? (
        <DialogContent title="The API key" description="Senders put it in the header x-api-key.">
          <SecretOnce label="API key" value={create.data.secret} />
          <DialogFooter>
            <DialogClose asChild>
              <Button>Done</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      ) : (
        <DialogContent title="New method" description="What senders must bring along.">
          <Form onSubmit={submit} saved={create.isSuccess} className="grid gap-4">
            <Field label="Kind">
              <Select
                value={type}
                onValueChange={(kind) => setType(authMethodTypes.find((one) => one === kind) ?? "api")}
              >
                <SelectTrigger>
                  <SelectValue />
                </SelectTrigger>
                <SelectContent>
                  {Object.entries(kinds).map(([kind, label]) => (
                    <SelectItem key={kind} value={kind}>
                      {label}
                    </SelectItem>
                  ))}
                </SelectContent>
              </Select>
            </Field>
            <Field label="Name" hint="Whose it is, such as Kobo server." error={problems.name}>
              <Input name="name" required maxLength={100} autoComplete="off" />
            </Field>
            {type === "basic" ? (
              <>
                <Field label="User name" error={problems.username}>
                  <Input name="username" required maxLength={200} autoComplete="off" pattern="[^:]+" />
                </Field>
                <Field label="Password" hint="At least 8 characters." error={problems.password}>
                  <Input name="password" type="password" required minLength={8} autoComplete="new-password" />
                </Field>
              </>
            ) : null}
            {type === "hmac" ? <SignatureFields {...{ preset, setPreset, problems }} /> : null}
            <ProtectFields {...{ onInbox, setOnInbox, triggerIds, setTriggerIds, webhooks }} />
            <FormError>{isShownAbove ? null : create.error?.message}</FormError>
            <DialogActions submit="Add method" disabled={create.isPending} />
          </Form>
        </DialogContent>
      )}
    </Dialog>
  );
}

type Choices = {
  type: AuthMethodType;
  preset: SignaturePreset;
  onInbox: boolean;
  triggerIds: string[];
};

/** The new method's secret where the server made it; null where the reader chose it. */
async function add(projectId: string, form: FormData, choices: Choices) {
  const made = await api("POST /api/projects/[project]/auth-methods", {
    params: { project: projectId },
    body: bodyOf(form, choices),
  });
  const params = { project: projectId, method: made.id };
  const { type, triggerIds } = choices;
  if (triggerIds.length > 0)
    await api("PATCH /api/projects/[project]/auth-methods/[method]", { params, body: { triggerIds } });
  if (type !== "api") return { secret: null };
  return api("GET /api/projects/[project]/auth-methods/[method]/secret", { params });
}

function bodyOf(form: FormData, { type, preset, onInbox }: Choices) {
  const text = (field: string) => String(form.get(field) ?? "");
  const name = text("name");
  if (type === "api") return { type, name, onInbox };
  if (type === "basic")
    return { type, name, username: text("username"), password: text("password"), onInbox };
  const signed = { type, name, secret: text("secret"), preset, onInbox };
  if (isTimed(preset))
    return {
      ...signed,
      ...(text("toleranceSeconds") && { toleranceSeconds: Number(text("toleranceSeconds")) }),
    };
  if (preset === "header" || preset === "kobo")
    return { ...signed, header: text("header"), prefix: text("prefix") };
  if (preset !== "generic") return signed;
  return {
    ...signed,
    header: text("header"),
    prefix: text("prefix"),
    algorithm: signatureAlgorithms.find((one) => one === text("algorithm")),
    encoding: signatureEncodings.find((one) => one === text("encoding")),
  };
}
