import { ArrowRight, FileCode2, FlaskConical, SquarePen } from "lucide-react";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";

const ways = [
  {
    from: "sample",
    icon: FlaskConical,
    title: "Start from the sample",
    text: "An inbox, two jobs and a destination. Send a form with one line, watch it arrive, break it, repair it. Five minutes.",
  },
  {
    from: "empty",
    icon: SquarePen,
    title: "Start empty",
    text: "An inbox URL that keeps whatever it is sent. Then make workflows in the browser, from what has come in.",
  },
  {
    from: "yaml",
    icon: FileCode2,
    title: "Bring a project.yaml",
    text: "Paste or upload the file of an OpenFn project, with the job files that stand beside it.",
  },
];

/** What the project list shows before there is a project: the three ways to one. */
export function FirstProject({ name }: { name: string | null }) {
  return (
    <div className="mx-auto grid max-w-4xl gap-6 py-8">
      <div className="grid gap-1.5">
        <h1 className="font-semibold text-2xl tracking-[-0.02em]">Welcome{name ? `, ${name}` : ""}</h1>
        <p className="max-w-prose text-muted-foreground leading-relaxed">
          A project has one inbox, the workflows that act on what comes in, and the people who look after
          them. Make your first one.
        </p>
      </div>
      <ul className="grid gap-3 md:grid-cols-3">
        {ways.map(({ from, icon: Icon, title, text }, index) => (
          <li key={from} className="grid">
            <Card
              className={cn(
                "relative grid content-start gap-2 p-5 focus-within:border-input hover:border-input",
                index === 0 && "border-accent bg-accent-soft",
              )}
            >
              <Icon aria-hidden className="size-6 stroke-[1.5] text-accent" />
              <h2 className="mt-1 font-semibold text-[15px]">
                <Link
                  href={`/projects/new?from=${from}`}
                  className="after:absolute after:inset-0 after:rounded-lg"
                >
                  {title}
                </Link>
              </h2>
              <p className="text-muted-foreground leading-relaxed">{text}</p>
              <ArrowRight aria-hidden className="mt-1 size-4 text-muted-foreground" />
            </Card>
          </li>
        ))}
      </ul>
    </div>
  );
}
