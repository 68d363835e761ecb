"use client";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { type SignaturePreset, signatureAlgorithms, signatureEncodings, signaturePresets } from "@/lib/words";

/** What the presets are called, and which header they read. */
export const presetWords: Record<SignaturePreset, { label: string; header: string }> = {
  github: { label: "GitHub", header: "x-hub-signature-256" },
  standard_webhooks: { label: "Standard Webhooks", header: "webhook-signature" },
  stripe: { label: "Stripe", header: "stripe-signature" },
  generic: { label: "Another HMAC", header: "" },
};

type Props = {
  preset: SignaturePreset;
  setPreset: (preset: SignaturePreset) => void;
  problems: Record<string, string[]>;
};

/** How a sender signs, and its secret. */
export function SignatureFields({ preset, setPreset, problems }: Props) {
  const choose = (chosen: string) => setPreset(signaturePresets.find((one) => one === chosen) ?? "github");
  return (
    <>
      <Field label="Signed as by" hint={hints[preset]}>
        <Select value={preset} onValueChange={choose}>
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {signaturePresets.map((one) => (
              <SelectItem key={one} value={one}>
                {presetWords[one].label}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      </Field>
      <Field
        label="Secret"
        hint={preset === "standard_webhooks" ? "whsec_ and then base64." : "At least 8 characters."}
        error={problems.secret}
      >
        <Input
          name="secret"
          type="password"
          required
          minLength={8}
          maxLength={500}
          autoComplete="new-password"
        />
      </Field>
      {preset === "generic" ? <GenericFields problems={problems} /> : null}
    </>
  );
}

const hints: Record<SignaturePreset, string> = {
  github: "The header X-Hub-Signature-256.",
  standard_webhooks: "The header webhook-signature, not older than 5 minutes.",
  stripe: "The header Stripe-Signature, not older than 5 minutes.",
  generic: "An HMAC of the body's bytes in a header.",
};

function GenericFields({ problems }: Pick<Props, "problems">) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Header" error={problems.header}>
        <Input name="header" required maxLength={100} autoComplete="off" placeholder="X-Signature" />
      </Field>
      <Field label="Before the signature" error={problems.prefix}>
        <Input name="prefix" maxLength={50} autoComplete="off" placeholder="sha256=" />
      </Field>
      <Field label="Hash">
        <Choice name="algorithm" values={signatureAlgorithms} />
      </Field>
      <Field label="Written as">
        <Choice name="encoding" values={signatureEncodings} />
      </Field>
    </div>
  );
}

function Choice({ values, ...field }: { name: string; values: readonly [string, ...string[]] }) {
  return (
    <Select defaultValue={values[0]} {...field}>
      <SelectTrigger>
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        {values.map((value) => (
          <SelectItem key={value} value={value}>
            {value}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}
