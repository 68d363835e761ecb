"use client";
import { Gift } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Row, RowName } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { TransferSummary } from "@/lib/domain/credential-transfer/list";

/** Credentials that wait to become somebody else's, above those that one has. */
export function Offers({ offers }: { offers: TransferSummary[] }) {
  return offers.map((offer) => <Offer key={offer.id} offer={offer} />);
}

function Offer({ offer }: { offer: TransferSummary }) {
  const { id, name, from, to, isToMe, projects, expiresAt } = offer;
  const end = useApi({
    send: () => api("DELETE /api/account/credential-transfers/[transfer]", { params: { transfer: id } }),
    message: isToMe ? "Declined." : `${name} stays yours.`,
  });
  return (
    <Row
      actions={
        isToMe ? (
          <>
            <AcceptDialog offer={offer} />
            <Confirm
              trigger={
                <Button variant="outline" size="sm" aria-label={`Decline ${name}`}>
                  Decline
                </Button>
              }
              title={`Decline ${name}?`}
              description={`It stays ${from}'s, who can offer it again.`}
              action="Decline"
              onConfirm={() => end.mutate(undefined)}
            />
          </>
        ) : (
          <Button
            variant="outline"
            size="sm"
            aria-label={`Withdraw the offer of ${name}`}
            onClick={() => end.mutate(undefined)}
            disabled={end.isPending}
          >
            Withdraw
          </Button>
        )
      }
    >
      <RowName
        icon={<Gift aria-hidden className="text-accent" />}
        name={isToMe ? `${from} offers you ${name}` : `${name} is offered to ${to}`}
      />
      <span className="text-muted-foreground text-xs">
        {projects.length > 0 ? `used by ${projects.join(", ")}, ` : ""}until{" "}
        <AbsoluteTime value={expiresAt} toMinute />
      </span>
    </Row>
  );
}

function AcceptDialog({ offer: { id, name } }: { offer: TransferSummary }) {
  const [isOpen, setOpen] = useState(false);
  const accept = useApi({
    send: (chosen: string) =>
      api("POST /api/account/credential-transfers/[transfer]/accept", {
        params: { transfer: id },
        body: chosen && chosen !== name ? { name: chosen } : {},
      }),
    message: (made) => `${made.name} is yours.`,
    hasForm: true,
    done: () => setOpen(false),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    accept.mutate(String(new FormData(event.currentTarget).get("name") ?? "").trim());
  };
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm" aria-label={`Accept ${name}`}>
          Accept
        </Button>
      </DialogTrigger>
      <DialogContent
        title={`Accept ${name}?`}
        description="You alone see and change its secret from then on, and jobs of its projects go on using it."
      >
        <Form onSubmit={submit} saved={accept.isSuccess} className="grid gap-4">
          <Field label="Name" error={accept.problems.name}>
            <Input name="name" required maxLength={100} autoComplete="off" defaultValue={name} />
          </Field>
          <FormError>{accept.problems.name ? null : accept.error?.message}</FormError>
          <DialogActions cancel="Not now" submit="Accept" disabled={accept.isPending} />
        </Form>
      </DialogContent>
    </Dialog>
  );
}
