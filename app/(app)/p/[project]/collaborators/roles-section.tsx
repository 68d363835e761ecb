import { Section } from "@/components/account/section";

const roles = [
  ["Owner", "Everything, and the only one who can delete the project or hand it over. Exactly one."],
  ["Admin", "Settings, collaborators, authentication of senders, and all that editors do."],
  ["Editor", "Workflows, reruns and resends; shares own credentials with the project."],
  ["Viewer", "Reads messages, runs, logs and workflows. Changes nothing."],
] as const;

/** What each role may do, in a sentence. */
export function RolesSection() {
  return (
    <Section title="What the roles mean">
      <dl className="grid gap-3 sm:grid-cols-[6rem_1fr]">
        {roles.map(([role, meaning]) => (
          <div key={role} className="contents">
            <dt className="font-medium">{role}</dt>
            <dd className="-mt-2 text-muted-foreground leading-relaxed sm:mt-0">{meaning}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
