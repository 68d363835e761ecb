import { expect, test } from "vitest";
import { sources } from "./sources";

const files = sources(["app", "components"], /\.tsx$/).filter(
  ({ file }) => !file.startsWith("components/ui/"),
);

/** What takes a text that a person types. */
const takesText =
  /<(Input|FindInput|Textarea|input|textarea|CodeField|HostsField|SourceFields|CredentialFields)\b|<(Editor|JobEditor|JsonEditor)\b[^>]*\bonChange=/s;
/**
 * What asks before it is lost: a form of ours, or the editor, which does so itself wherever it can be changed. A draft of a
 * workflow is saved as it is typed.
 */
const asks = /<(Form|SettingForm)\b|<(Editor|JsonEditor)\b|\buseEditorStore\(/;

/** Texts that are nothing to keep, or that another file's form keeps. */
const others: Record<string, string> = {
  "app/(app)/account/delete-section.tsx": "an address typed to confirm",
  "app/(app)/account/set-up-dialog.tsx": "a code",
  "app/(app)/account/turn-off-dialog.tsx": "a code",
  "app/(app)/p/[project]/adaptors/client.tsx": "a search, which is in the address",
  "app/(app)/p/[project]/collections/[collection]/page.tsx": "a search, which is in the address",
  "app/(app)/p/[project]/settings/danger-section.tsx": "a name typed to confirm",
  "app/(auth)/sign-in/client.tsx": "an address and a password",
  "app/(auth)/sign-in/second-step/client.tsx": "a code",
  "app/(auth)/sign-up/client.tsx": "an address and a password",
  "app/(auth)/sign-up/link-form.tsx": "an address",
  "components/account/code-field.tsx": "a code",
  "components/account/credential-fields.tsx": "the form is in credential-dialog.tsx",
  "components/account/secret-once.tsx": "cannot be changed",
  "components/account/token-fields.tsx": "the forms are in the dialogs that make tokens",
  "components/code/payload-view.tsx": "a search",
  "components/data-table/filters.tsx": "a search, which is in the address",
  "components/data-table/search-choice.tsx": "a search",
  "components/editor/job/adaptor-dialog.tsx": "a search",
  "components/editor/trigger/cron/builder.tsx": "a draft, which is saved as it is typed",
  "components/editor/trigger/filter/json.tsx": "a draft, which is saved as it is typed",
  "components/editor/trigger/webhook/custom-path.tsx": "a draft, which is saved as it is typed",
  "components/editor/trigger/webhook/delivery.tsx": "a draft, which is saved as it is typed",
  "components/editor/trigger/webhook/number-input.tsx": "a draft, which is saved as it is typed",
  "components/editor/run/replay-panel.tsx": "a number",
  "components/hosts-field.tsx": "the form is where it is used",
  "components/library/entry-list.tsx": "a search, which is in the address",
  "components/library/fields.tsx": "the form is in entry-dialog.tsx, about-dialog.tsx and job-entry.tsx",
  "components/manual-run/input-lists.tsx": "a search; the form is in run-dialog.tsx",
  "components/person/check-form.tsx": "a question",
  "components/notices/time-zone-field.tsx": "the form is where it is used",
  "components/reauthenticate/form.tsx": "a password or a code",
  "components/repair/work-stage.tsx": "asks in use-code.ts",
  "components/runs/log-box.tsx": "a search",
  "components/spec/source-fields.tsx": "the form is where it is used",
  "components/senders/signature-fields.tsx": "the form is in auth-method-dialog.tsx",
  "components/signed-out/sign-in-here.tsx": "a password or a code",
};

/** Forms without a text. */
const textless = [
  "app/(app)/p/[project]/settings/protect-dialog.tsx",
  "components/receipt/read-as-dialog.tsx",
];

/** Forms whose text is a draft's, which is saved. */
const saved = ["components/editor/promote/promote-dialog.tsx"];

test("whatever takes a text asks before it is lost, or is listed here with why not", () => {
  const unasked = files
    .filter(({ text }) => takesText.test(text) && !asks.test(text))
    .map(({ file }) => file);
  expect(unasked).toEqual(Object.keys(others).sort());
});

test("a section's form is one of ours", () => {
  const section = files.find(({ file }) => file.endsWith("/settings/setting-form.tsx"));
  expect(section?.text).toMatch(/<Form\b/);
});

test("a plain form is only where nothing typed is worth keeping", () => {
  const plain = files.filter(({ text }) => /<form\b/.test(text)).map(({ file }) => file);
  const allowed = [...Object.keys(others), ...textless, ...saved, "components/unsaved/form.tsx"];
  expect(plain.filter((file) => !allowed.includes(file))).toEqual([]);
});

test("dialogs and forms come from components/ui and components/unsaved, which ask", () => {
  const own = files.filter(({ text }) => /\b(Dialog|AlertDialog)\b[^;]*from "radix-ui"/.test(text));
  expect(own.map(({ file }) => file)).toEqual([]);
});

/** What is kept in a browser all the same: it never is a field for a secret, and each says for how long. */
const stored: Record<string, string> = {
  "components/editor/saving/browser-copy.ts":
    "a draft that the server could not be given, until it has it, for thirty days at most",
  "components/editor/run/kept.ts": "what its person tries a draft on, until the tab is closed",
  "components/fonts.tsx": "that this browser has the fonts: nothing of anybody's",
};

test("nothing typed is put into a browser's storage: it may be a secret", () => {
  const storing = sources(["app", "components"]).filter(
    ({ file, text }) => !/\.test\.tsx?$/.test(file) && /\b(local|session)Storage\b|indexedDB/.test(text),
  );
  expect(storing.map(({ file }) => file)).toEqual(Object.keys(stored).sort());
});

test("changes go through the API client or have the client's rules: never queued, never repeated", () => {
  const text = files.find(({ file }) => file === "components/providers.tsx")?.text ?? "";
  expect(text).toContain('mutations: { networkMode: "always", retry: false }');
  const own = sources(["app", "components"])
    .filter(({ text }) => /networkMode|useMutation\([^)]*retry/s.test(text))
    .map(({ file }) => file);
  expect(own).toEqual(["components/providers.tsx"]);
});
