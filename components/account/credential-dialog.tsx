"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { getJson, sendJson } from "../api";
import { Button } from "../ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "../ui/dialog";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Textarea } from "../ui/textarea";
import { useApi } from "../use-api";
import { FormError } from "./form-error";

const example = JSON.stringify({ baseUrl: "https://api.example.org", username: "", password: "" }, null, 2);

type Existing = { id: string; name: string; schema: string };

type Props = {
  /** Edits this one; makes a new one without it. */
  credential?: Existing;
  /** Shares the new one with this project as well. */
  shareWith?: string;
};

/** Makes or edits one of the reader's own credentials. Its secret is fetched only when the owner opens it. */
export function CredentialDialog({ credential, shareWith }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        {credential ? (
          <Button variant="outline" size="sm" aria-label={`Edit ${credential.name}`}>
            Edit
          </Button>
        ) : (
          <Button>
            <Plus aria-hidden /> New credential
          </Button>
        )}
      </DialogTrigger>
      <DialogContent
        title={credential ? `Edit ${credential.name}` : "New credential"}
        description="A JSON object. Its fields arrive in the job as state.configuration; its values are masked in logs."
      >
        <CredentialForm credential={credential} shareWith={shareWith} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

type FormProps = { credential: Existing | undefined; shareWith: string | undefined; onDone: () => void };

function CredentialForm({ credential, shareWith, onDone }: FormProps) {
  const [name, setName] = useState(credential?.name ?? "");
  const [text, setText] = useState(credential ? null : example);
  const [jsonProblem, setJsonProblem] = useState<string>();
  const reveal = useApi({
    send: (id: string) => getJson<{ body: unknown }>(`/api/account/credentials/${id}`),
    done: ({ body }) => setText(JSON.stringify(body, null, 2)),
  });
  const save = useApi({
    send: (body: unknown) => store({ credential, shareWith, name, body }),
    message: "The credential is saved.",
    hasForm: true,
    done: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const parsed = text === null ? { body: undefined } : parseObject(text);
    setJsonProblem("problem" in parsed ? parsed.problem : undefined);
    if ("body" in parsed) save.mutate(parsed.body);
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label="Name" error={save.problems.name}>
        <Input
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={100}
          autoComplete="off"
          placeholder="HAPI FHIR test server"
        />
      </Field>
      {text === null && credential ? (
        <div className="flex flex-wrap items-center gap-3 rounded-md border border-dashed px-3 py-3 text-muted-foreground">
          <span className="flex-1">The secret stays as it is.</span>
          <Button
            variant="outline"
            size="sm"
            onClick={() => reveal.mutate(credential.id)}
            disabled={reveal.isPending}
          >
            Show and change it
          </Button>
        </div>
      ) : (
        <Field label="Secret (JSON)" error={jsonProblem ?? save.problems.body}>
          <Textarea
            value={text ?? ""}
            onChange={(event) => setText(event.target.value)}
            spellCheck={false}
            autoComplete="off"
            className="min-h-44 font-mono text-xs"
          />
        </Field>
      )}
      <FormError>{save.problems.name || save.problems.body ? null : save.error?.message}</FormError>
      <DialogFooter className="mt-1">
        <DialogClose asChild>
          <Button variant="outline">Cancel</Button>
        </DialogClose>
        <Button type="submit" disabled={save.isPending}>
          Save credential
        </Button>
      </DialogFooter>
    </form>
  );
}

type Change = {
  credential: Existing | undefined;
  shareWith: string | undefined;
  name: string;
  body: unknown;
};

async function store({ credential, shareWith, name, body }: Change): Promise<void> {
  if (credential) {
    await sendJson(`/api/account/credentials/${credential.id}`, { name, ...(body ? { body } : {}) }, "PATCH");
    return;
  }
  const made = await sendJson<{ id: string }>("/api/account/credentials", { name, body });
  if (made && shareWith) await sendJson(`/api/projects/${shareWith}/credentials`, { credentialId: made.id });
}

function parseObject(text: string): { body: Record<string, unknown> } | { problem: string } {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return { body: { ...body } };
    return { problem: 'Write a JSON object, such as {"apiKey": "…"}.' };
  } catch (error) {
    return { problem: `This is not valid JSON: ${error instanceof Error ? error.message : "check it"}.` };
  }
}
