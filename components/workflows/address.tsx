import { CopyButton } from "@/components/ui/copy-button";

type Props = {
  /** Tells one address of a trigger from the other, where there are two. */
  name: string | null;
  url: string;
  note?: string | undefined;
};

/** A URL that senders get, to be copied. */
export function Address({ name, url, note }: Props) {
  return (
    <div className="flex items-center gap-2 rounded-md border bg-card py-1 pr-1 pl-3">
      <span className="min-w-0 flex-1">
        {name ? <span className="caption block">{name}</span> : null}
        <code className="font-mono text-[12.5px] [overflow-wrap:anywhere]">{url}</code>
        {note ? <span className="block text-muted-foreground text-xs">{note}</span> : null}
      </span>
      <CopyButton
        text={url}
        label={name ? `Copy URL ${name.toLowerCase()}` : "Copy URL"}
        size="icon-sm"
        variant="ghost"
      />
    </div>
  );
}
