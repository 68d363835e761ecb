"use client";
import { UserPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { type GivenRole, RoleSelect } from "@/components/account/role-select";
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
import { toast } from "@/components/ui/toast";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";

/** Invites somebody; where no mail leaves this machine, shows the link to hand over. */
export function InviteDialog({ projectId }: { projectId: string }) {
  const [isOpen, setOpen] = useState(false);
  const [role, setRole] = useState<GivenRole>("editor");
  const invite = useApi({
    send: (email: string) =>
      api("POST /api/projects/[project]/invitations", {
        params: { project: projectId },
        body: { email, role },
      }),
    hasForm: true,
    done: (sent) => {
      if (sent.link) return;
      setOpen(false);
      if (sent.delivery === "failed")
        toast.error("The invitation stands, but its mail was refused. Send it again later.");
      else toast.success(`${sent.email} is invited.`);
    },
  });
  const change = (open: boolean) => {
    setOpen(open);
    if (!open) invite.reset();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    invite.mutate(String(new FormData(event.currentTarget).get("email") ?? ""));
  };
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogTrigger asChild>
        <Button>
          <UserPlus aria-hidden /> Invite
        </Button>
      </DialogTrigger>
      {invite.data?.link ? (
        <DialogContent
          title={`${invite.data.email} is invited`}
          description="No mail server is configured, so hand this link over yourself. It works once."
        >
          <SecretOnce label="Invitation link" value={invite.data.link} />
          <DialogFooter>
            <DialogClose asChild>
              <Button>Done</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      ) : (
        <DialogContent
          title="Invite a collaborator"
          description="They get a link by e-mail that works for 14 days."
        >
          <Form onSubmit={submit} saved={invite.isSuccess} className="grid gap-4">
            <Field label="E-mail" error={invite.problems.email}>
              <Input name="email" type="email" required autoComplete="off" />
            </Field>
            <Field label="Role" hint="It can be changed later.">
              <RoleSelect value={role} onChange={setRole} />
            </Field>
            <FormError>{invite.problems.email ? null : invite.error?.message}</FormError>
            <DialogActions submit="Send invitation" disabled={invite.isPending} />
          </Form>
        </DialogContent>
      )}
    </Dialog>
  );
}
