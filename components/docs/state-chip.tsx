import { cn } from "@/components/ui/cn";
import { type Status, StatusChip } from "@/components/ui/status-chip";

/** How a machine's state looks: the status whose colour and icon it has, and its own word. */
export type Look = { status: Status; word: string };

/** A state of the documentation: still, and with its own word. */
export function StateChip({ look, className }: { look: Look; className?: string }) {
  return <StatusChip {...look} className={cn("[&_svg]:animate-none", className)} />;
}
