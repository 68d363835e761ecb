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
  twilio: { label: "Twilio", header: "x-twilio-signature" },
  commcare: { label: "CommCare", header: "x-mac-digest" },
  kobo: { label: "KoboToolbox", header: "x-kobo-secret" },
  header: { label: "The secret in a header", header: "" },
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
      {preset === "header" ? <HeaderFields problems={problems} placeholder="X-Gitlab-Token" /> : null}
      {preset === "kobo" ? <HeaderFields problems={problems} defaultValue="X-Kobo-Secret" /> : null}
      {isTimed(preset) ? (
        <Field
          label="How long a signature counts, in seconds"
          hint="Empty: 300. What comes later may have been recorded and sent again."
          error={problems.toleranceSeconds}
        >
          <Input name="toleranceSeconds" type="number" min={10} max={86400} inputMode="numeric" />
        </Field>
      ) : null}
    </>
  );
}

/** Whether the sender signs with its secret; otherwise it sends the secret. */
export const signs = (preset: SignaturePreset): boolean => preset !== "header" && preset !== "kobo";

export const isTimed = (preset: SignaturePreset): boolean =>
  preset === "standard_webhooks" || preset === "stripe";

const hints: Record<SignaturePreset, string> = {
  github: "The header X-Hub-Signature-256.",
  standard_webhooks: "The header webhook-signature.",
  stripe: "The header Stripe-Signature.",
  twilio:
    "The header X-Twilio-Signature, over the URL and the form. The secret is the account's auth token, and Twilio must be given the URL as this page shows it.",
  commcare:
    "The header X-MAC-DIGEST, as CommCare's servers and CommCare Connect sign. Data forwarding signs nothing: choose its Basic authentication, or its API key with the secret in a header.",
  kobo: "KoboToolbox signs nothing. In its REST service, add a custom HTTP header of this name with this secret.",
  header:
    "Nothing is signed: the sender adds a header that holds the secret. It is not kept with the message.",
  generic: "An HMAC of the body's bytes in a header.",
};

type HeaderProps = Pick<Props, "problems"> & { placeholder?: string; defaultValue?: string };

function HeaderFields({ problems, ...header }: HeaderProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Header" error={problems.header}>
        <Input
          key={header.defaultValue}
          name="header"
          required
          maxLength={100}
          autoComplete="off"
          {...header}
        />
      </Field>
      <Field label="Before the secret" error={problems.prefix}>
        <Input name="prefix" maxLength={50} autoComplete="off" placeholder="Bearer " />
      </Field>
    </div>
  );
}

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
