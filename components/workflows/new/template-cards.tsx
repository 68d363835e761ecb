import { FilePlus2 } from "lucide-react";
import Link from "next/link";
import { shippedSpecifiers } from "@/lib/shipped";
import { templates } from "@/lib/templates";
import { newTimeOrderedId } from "@/lib/time-ordered-id";
import { TemplateOutline } from "./template-outline";

const card =
  "relative grid content-start gap-2 rounded-lg border bg-card p-4 hover:border-input has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-ring";
const link =
  "font-semibold text-[15px] after:absolute after:inset-0 after:rounded-lg focus-visible:outline-none";

/** What a first workflow can begin with; each leads to the form that makes it. */
export function TemplateCards({ projectId }: { projectId: string }) {
  const kit = { newId: newTimeOrderedId, adaptors: shippedSpecifiers };
  const hrefOf = (key: string) => `/p/${projectId}/workflows?new=${key}`;
  return (
    <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      <li className={card}>
        <Link href={hrefOf("empty")} className={link}>
          Empty workflow
        </Link>
        <p className="text-muted-foreground leading-relaxed">
          Begin with nothing, and add what starts it and its jobs one by one.
        </p>
        <FilePlus2 aria-hidden className="size-5 text-muted-foreground" />
      </li>
      {templates.map((template) => (
        <li key={template.key} className={card}>
          <Link href={hrefOf(template.key)} className={link}>
            {template.name}
          </Link>
          <p className="text-muted-foreground leading-relaxed">{template.does}</p>
          <TemplateOutline parts={template.build(kit)} />
        </li>
      ))}
    </ul>
  );
}
