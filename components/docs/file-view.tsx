import { CopyButton } from "@/components/ui/copy-button";

/** A file to take away: its name, its text, and a button that copies it. */
export function FileView({ name, text }: { name: string; text: string }) {
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1.5 font-mono text-muted-foreground text-xs">{name}</figcaption>
      <div className="relative">
        <section
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
          tabIndex={0}
          aria-label={name}
          className="overflow-x-auto rounded-md border bg-card p-3 pr-12"
        >
          <pre className="font-mono text-xs leading-relaxed">{text}</pre>
        </section>
        <CopyButton text={text} label={`Copy ${name}`} className="absolute top-1.5 right-1.5" />
      </div>
    </figure>
  );
}
