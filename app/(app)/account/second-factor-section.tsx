"use client";
import { ShieldCheck } from "lucide-react";
import { Section } from "@/components/account/section";
import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import type { SecondFactor } from "@/lib/domain/second-factor/get";
import { NewCodesDialog } from "./new-codes-dialog";
import { SetUpDialog } from "./set-up-dialog";
import { TurnOffDialog } from "./turn-off-dialog";

/** A code of an app besides the password, the mailed link or the provider. */
export function SecondFactorSection({ factor }: { factor: SecondFactor }) {
  const { since, backupCodesLeft } = factor;
  return (
    <Section
      id="second-factor"
      title="Second factor"
      description="Six digits of an app on your phone, asked for at every sign-in, whichever way it began."
      action={since ? null : <SetUpDialog />}
    >
      {since ? (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <p className="flex min-w-0 flex-1 basis-56 flex-wrap items-center gap-2">
            <ShieldCheck aria-hidden className="size-4 text-accent" />
            On, set up <RelativeTime value={since} />
            <Badge>{backupCodesLeft} of 10 backup codes left</Badge>
          </p>
          <div className="flex flex-wrap gap-1.5">
            <NewCodesDialog />
            <TurnOffDialog />
          </div>
        </div>
      ) : (
        <p className="text-muted-foreground leading-relaxed">
          Off. Whoever learns your password, or opens your mail, can sign in as you.
        </p>
      )}
    </Section>
  );
}
