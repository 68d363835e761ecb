import { type Jump, SectionNav } from "@/components/account/section-nav";

type Hideable = "tokens" | "person" | "delete";

export const settingsSections: readonly Jump[] = [
  ["general", "General"],
  ["sign-in", "Sign-in"],
  ["environment", "Environment"],
  ["limits", "Limits"],
  ["inbox", "Inbox"],
  ["repeated", "Repeated messages"],
  ["senders", "Senders"],
  ["tokens", "Repository tokens"],
  ["collections", "Collections"],
  ["notices", "Notices"],
  ["redacted", "Redacted at intake"],
  ["masks", "Masks and downloads"],
  ["retention", "Retention"],
  ["person", "One person's data"],
  ["delete", "Delete"],
];

/** Jumps within a project's settings, to the sections that the reader has. */
export const SettingsNav = ({ sees }: { sees: Record<Hideable, boolean> }) => (
  <SectionNav
    label="Settings"
    sections={settingsSections.filter(([id]) => !isHideable(id, sees) || sees[id])}
    isAtSide
  />
);

const isHideable = (id: string, sees: Record<Hideable, boolean>): id is Hideable => Object.hasOwn(sees, id);
